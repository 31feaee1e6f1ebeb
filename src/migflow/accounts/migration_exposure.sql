-- Moves and movers across the borders of municipalities and of regions, and the populations at risk of them, once by age
-- and once by citizenship.
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
),

counted AS (
    SELECT
        c.year,
        CASE WHEN c.indicator = 'moves' THEN 'moves' ELSE 'movers' END AS indicator,
        c.age,
        c.citizenship,
        c.sex,
        sum(CASE WHEN c.origin <> c.destination THEN c.obs_value ELSE 0 END) AS between_municipalities,
        sum(CASE WHEN o.region <> d.region THEN c.obs_value ELSE 0 END) AS between_regions
    FROM migration_counts AS c
    LEFT JOIN regions AS o ON o.code = c.origin
    LEFT JOIN regions AS d ON d.code = c.destination
    GROUP BY ALL
    UNION ALL
    SELECT
        year,
        'resident_on_both',
        age,
        citizenship,
        sex,
        sum(obs_value),
        sum(obs_value)
    FROM migration_counts
    WHERE indicator = 'transitions'
    GROUP BY year, age, citizenship, sex
    UNION ALL
    SELECT
        y.year,
        CASE WHEN p.year = y.year THEN 'population_start' ELSE 'population_end' END,
        p.age,
        p.citizenship,
        p.sex,
        sum(p.obs_value),
        sum(p.obs_value)
    FROM resident_counts AS p
    INNER JOIN accounting_years AS y ON p.year IN (y.year, y.year + 1)
    GROUP BY ALL
),

grouped AS (
    SELECT
        year,
        indicator,
        CASE WHEN grouping(age) = 0 THEN 'age' ELSE 'citizenship' END AS group_kind,
        coalesce(CAST(age AS VARCHAR), citizenship) AS group_code,
        sex,
        sum(between_municipalities) AS between_municipalities,
        sum(between_regions) AS between_regions
    FROM counted
    GROUP BY GROUPING SETS ((year, indicator, age, sex), (year, indicator, citizenship, sex))
)

SELECT
    year AS time_period,
    'municipality' AS level,
    group_kind,
    group_code,
    sex,
    indicator,
    CAST(between_municipalities AS BIGINT) AS obs_value
FROM grouped
WHERE between_municipalities <> 0
UNION ALL
SELECT
    year,
    'region',
    group_kind,
    group_code,
    sex,
    indicator,
    CAST(between_regions AS BIGINT)
FROM grouped
WHERE between_regions <> 0 AND EXISTS (SELECT 1 FROM regions)
