-- equal: moves and movers by five-year age group over all origins and destinations are those by single age
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
),

levels AS (
    SELECT 'municipality' AS level
    UNION ALL
    SELECT 'region'
)

SELECT
    (f.time_period, l.level, f.indicator, f.sex, f.age_group) AS equation,
    f.cell,
    1 AS coefficient
FROM internal_migration_od AS f
CROSS JOIN levels AS l
LEFT JOIN regions AS o ON o.code = f.origin
LEFT JOIN regions AS d ON d.code = f.destination
WHERE l.level = 'municipality' OR o.region <> d.region
UNION ALL
SELECT
    (
        time_period,
        level,
        indicator,
        sex,
        CASE
            WHEN age < 5 THEN 'Y_LT5'
            WHEN age >= 85 THEN 'Y_GE85'
            ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
        END
    ),
    cell,
    -1
FROM internal_migration_by_age
WHERE indicator IN ('moves', 'movers')
