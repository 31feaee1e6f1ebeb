-- Moves by age at the move and movers by age on 1 January, across the borders of municipalities and of regions.
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
),

-- Everybody resident on both days, whether moved or not: only they can be movers. Pairs of spells of one person come
-- before the days: there are far fewer of them than of persons on days.
spell_pairs AS (
    SELECT
        b.person_id,
        b.municipality AS origin,
        e.municipality AS destination,
        b.from_date AS origin_from,
        coalesce(b.to_date, DATE '9999-12-31') AS origin_to,
        e.from_date AS destination_from,
        coalesce(e.to_date, DATE '9999-12-31') AS destination_to
    FROM residence_spells AS b
    INNER JOIN residence_spells AS e ON e.person_id = b.person_id AND e.spell_number >= b.spell_number
),

followed AS (
    SELECT
        'movers' AS indicator,
        s.person_id,
        y.from_day AS day,
        s.origin,
        s.destination
    FROM spell_pairs AS s
    INNER JOIN accounting_years AS y
        ON
            s.origin_from < y.from_day AND s.origin_to >= y.from_day
            AND s.destination_from < y.to_day AND s.destination_to >= y.to_day
    UNION ALL
    SELECT
        'moves',
        person_id,
        move_date,
        origin,
        destination
    FROM moves
    WHERE move_type = 'between_municipalities'
),

aged AS (
    SELECT
        f.indicator,
        p.sex,
        CAST(extract(YEAR FROM f.day) AS INTEGER) AS year,
        CAST(least(
            100,
            extract(YEAR FROM f.day) - extract(YEAR FROM p.birth_date)
            - CASE
                WHEN
                    extract(MONTH FROM f.day) * 100 + extract(DAY FROM f.day)
                    < extract(MONTH FROM p.birth_date) * 100 + extract(DAY FROM p.birth_date) THEN 1
                ELSE 0
            END
        ) AS INTEGER) AS age,
        f.origin <> f.destination AS crossed_municipality,
        coalesce(o.region <> d.region, FALSE) AS crossed_region
    FROM followed AS f
    INNER JOIN persons AS p ON p.person_id = f.person_id
    LEFT JOIN regions AS o ON o.code = f.origin
    LEFT JOIN regions AS d ON d.code = f.destination
),

-- Twice the population at risk: residents of two 1 Januaries for moves, those of both days, doubled, for movers.
counted AS (
    SELECT
        year,
        age,
        sex,
        indicator,
        count(*) FILTER (WHERE crossed_municipality) AS between_municipalities,
        count(*) FILTER (WHERE crossed_region) AS between_regions,
        CASE WHEN indicator = 'movers' THEN 2 * count(*) ELSE 0 END AS twice_at_risk
    FROM aged
    GROUP BY year, age, sex, indicator
    UNION ALL
    SELECT
        y.year,
        p.age,
        p.sex,
        'moves',
        0,
        0,
        sum(p.obs_value)
    FROM population AS p
    INNER JOIN accounting_years AS y ON p.time_period IN (y.year, y.year + 1)
    GROUP BY y.year, p.age, p.sex
),

crossings AS (
    SELECT
        year,
        age,
        sex,
        indicator,
        'municipality' AS level,
        between_municipalities AS crossed,
        twice_at_risk
    FROM counted
    UNION ALL
    SELECT
        year,
        age,
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
        age,
        sex,
        indicator,
        sum(crossed) AS crossed,
        sum(twice_at_risk) AS twice_at_risk
    FROM crossings
    GROUP BY year, level, age, sex, indicator
),

shown AS (
    SELECT
        year,
        level,
        age,
        sex,
        indicator,
        CAST(crossed AS DOUBLE) AS obs_value,
        CASE WHEN indicator = 'moves' THEN 'EVT' ELSE 'PS' END AS unit_measure
    FROM summed
    UNION ALL
    SELECT
        year,
        level,
        age,
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
    s.age,
    s.sex,
    s.indicator,
    s.obs_value,
    s.unit_measure,
    y.obs_status
FROM shown AS s
INNER JOIN accounting_years AS y ON y.year = s.year
