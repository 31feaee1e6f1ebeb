-- equal: moves and movers of all citizenships are those of all origins and destinations
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
    (f.time_period, l.level, f.indicator, f.sex) AS equation,
    f.cell,
    1 AS coefficient
FROM internal_migration_od AS f
CROSS JOIN levels AS l
LEFT JOIN regions AS o ON o.code = f.origin
LEFT JOIN regions AS d ON d.code = f.destination
WHERE l.level = 'municipality' OR o.region <> d.region
UNION ALL
SELECT (time_period, level, indicator, sex), cell, -1
FROM internal_migration_by_citizenship
WHERE indicator IN ('moves', 'movers')
