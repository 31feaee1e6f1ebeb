-- Indices of the matrices of moves and of movers between all areas of one level; docs/indices.md has the formulas.
-- The population at risk: of moves, the mean of two 1 Januaries; of movers, those resident on both.
WITH zones AS (
    SELECT
        code,
        area AS zone,
        level
    FROM wider_areas
    WHERE level IN (SELECT level FROM areas GROUP BY level HAVING count(*) > 1)
),

residents AS (
    -- Twice the mean population of the year, at the level of residence; zero where nobody lives.
    SELECT
        y.year,
        z.level,
        z.zone,
        z.code,
        coalesce(sum(p.obs_value), 0) AS twice_population
    FROM accounting_years AS y
    CROSS JOIN zones AS z
    LEFT JOIN population_balance AS p
        ON
            p.area = z.code AND p.time_period = y.year AND p.component IN ('population_start', 'population_end')
    GROUP BY y.year, z.level, z.zone, z.code
),

at_risk AS (
    SELECT
        year,
        level,
        'moves' AS measure,
        zone,
        CAST(sum(twice_population) AS DOUBLE) / 2 AS population
    FROM residents
    GROUP BY year, level, zone
    UNION ALL
    SELECT
        r.year,
        r.level,
        'movers',
        r.zone,
        CAST(coalesce(sum(f.obs_value), 0) AS DOUBLE)
    FROM (SELECT DISTINCT year, level, zone FROM residents) AS r
    LEFT JOIN migration_matrices AS f
        ON f.year = r.year AND f.level = r.level AND f.origin = r.zone AND f.measure = 'movers'
    GROUP BY r.year, r.level, r.zone
),

placed AS (
    -- A wider area lies where its people live; sums of decimals do not depend on the order of rows.
    SELECT
        r.level,
        r.zone,
        r.year,
        radians(round(coalesce(
            CAST(sum(CAST(a.latitude AS DECIMAL(9, 6)) * r.twice_population) AS DOUBLE)
            / nullif(sum(r.twice_population), 0),
            max(a.latitude)
        ), 6)) AS latitude,
        radians(round(coalesce(
            CAST(sum(CAST(a.longitude AS DECIMAL(9, 6)) * r.twice_population) AS DOUBLE)
            / nullif(sum(r.twice_population), 0),
            max(a.longitude)
        ), 6)) AS longitude,
        bool_and(a.latitude IS NOT NULL OR r.twice_population = 0) AND count(a.latitude) > 0 AS is_placed
    FROM residents AS r
    INNER JOIN areas AS a ON a.code = r.code
    GROUP BY r.level, r.zone, r.year
),

distances AS (
    SELECT
        o.year,
        o.level,
        list({
            'origin': o.zone,
            'destination': d.zone,
            'distance': 2 * 6371.0088 * asin(sqrt(
                power(sin((d.latitude - o.latitude) / 2), 2)
                + cos(o.latitude) * cos(d.latitude) * power(sin((d.longitude - o.longitude) / 2), 2)
            ))
        }) AS pairs,
        bool_and(o.is_placed AND d.is_placed) AS are_known
    FROM placed AS o
    INNER JOIN placed AS d ON d.year = o.year AND d.level = o.level AND d.zone <> o.zone
    GROUP BY o.year, o.level
),

matrices AS (
    SELECT
        r.year,
        r.level,
        r.measure,
        list({'zone': r.zone, 'population': r.population} ORDER BY r.zone) AS populations
    FROM at_risk AS r
    GROUP BY r.year, r.level, r.measure
    HAVING count(*) > 1
),

computed AS (
    SELECT
        m.year,
        m.level,
        m.measure,
        unnest(migration_indices(
            coalesce(f.pairs, []),
            m.populations,
            CASE WHEN g.are_known THEN g.pairs END
        )) AS found
    FROM matrices AS m
    LEFT JOIN (
        SELECT
            year,
            level,
            measure,
            list({'origin': origin, 'destination': destination, 'flow': CAST(obs_value AS DOUBLE)}) AS pairs
        FROM migration_matrices
        GROUP BY year, level, measure
    ) AS f ON f.year = m.year AND f.level = m.level AND f.measure = m.measure
    LEFT JOIN distances AS g ON g.year = m.year AND g.level = m.level
)

SELECT
    y.year AS time_period,
    c.level,
    c.measure,
    c.found.indicator AS indicator,
    c.found.value AS obs_value,
    CASE
        WHEN c.found.indicator = 'total' AND c.measure = 'moves' THEN 'EVT'
        WHEN c.found.indicator = 'total' THEN 'PS'
        WHEN c.found.indicator IN ('mean_distance', 'median_distance') THEN 'KM'
        WHEN c.found.indicator IN (
            'cmi', 'courgeau_k', 'mei', 'anmr', 'gini_row_std', 'gini_column_std', 'gini_exchange_std'
        ) THEN 'PC'
        ELSE 'PURE_NUMB'
    END AS unit_measure,
    y.obs_status
FROM computed AS c
INNER JOIN accounting_years AS y ON y.year = c.year
