-- Moves by citizenship before the move and movers by citizenship on 1 January, across the borders of municipalities and of regions.
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
),

-- Twice the population at risk: residents of two 1 Januaries for moves, those of both days, doubled, for movers.
counted AS (
    SELECT
        c.year,
        c.citizenship,
        c.sex,
        CASE WHEN c.indicator = 'moves' THEN 'moves' ELSE 'movers' END AS indicator,
        sum(CASE WHEN c.origin <> c.destination THEN c.obs_value ELSE 0 END) AS between_municipalities,
        sum(CASE WHEN o.region <> d.region THEN c.obs_value ELSE 0 END) AS between_regions,
        sum(CASE WHEN c.indicator = 'transitions' THEN 2 * c.obs_value ELSE 0 END) AS twice_at_risk
    FROM migration_counts AS c
    LEFT JOIN regions AS o ON o.code = c.origin
    LEFT JOIN regions AS d ON d.code = c.destination
    WHERE c.indicator = 'transitions' OR c.origin <> c.destination
    GROUP BY c.year, c.citizenship, c.sex, c.indicator
    UNION ALL
    SELECT
        y.year,
        p.citizenship,
        p.sex,
        'moves',
        0,
        0,
        sum(p.obs_value)
    FROM population AS p
    INNER JOIN accounting_years AS y ON p.time_period IN (y.year, y.year + 1)
    GROUP BY y.year, p.citizenship, p.sex
),

crossings AS (
    SELECT
        year,
        citizenship,
        sex,
        indicator,
        'municipality' AS level,
        between_municipalities AS crossed,
        twice_at_risk
    FROM counted
    UNION ALL
    SELECT
        year,
        citizenship,
        sex,
        indicator,
        'region',
        between_regions,
        twice_at_risk
    FROM counted
    WHERE EXISTS (SELECT 1 FROM regions)
),

summed AS (
    SELECT
        year,
        level,
        citizenship,
        sex,
        indicator,
        sum(crossed) AS crossed,
        sum(twice_at_risk) AS twice_at_risk
    FROM crossings
    GROUP BY year, level, citizenship, sex, indicator
),

shown AS (
    SELECT
        year,
        level,
        citizenship,
        sex,
        indicator,
        CAST(crossed AS DOUBLE) AS obs_value,
        CASE WHEN indicator = 'moves' THEN 'EVT' ELSE 'PS' END AS unit_measure
    FROM summed
    UNION ALL
    SELECT
        year,
        level,
        citizenship,
        sex,
        indicator || '_rate',
        2000 * CAST(crossed AS DOUBLE) / CAST(twice_at_risk AS DOUBLE),
        'PER_1000_PS'
    FROM summed
    WHERE twice_at_risk > 0
)

SELECT
    y.year AS time_period,
    s.level,
    s.citizenship,
    s.sex,
    s.indicator,
    s.obs_value,
    s.unit_measure,
    y.obs_status
FROM shown AS s
INNER JOIN accounting_years AS y ON y.year = s.year
