-- equal: where every municipality lies in a region, moves between regions that end in one are its internal in-migration
WITH regional AS (
    SELECT bool_and(area IN (SELECT code FROM wider_areas WHERE level = 'region')) AS all_lie
    FROM population_balance
)

SELECT (t.time_period, t.area) AS equation, t.cell, 1 AS coefficient
FROM internal_migration_by_type AS t
INNER JOIN regional ON regional.all_lie
WHERE t.level = 'region' AND t.move_type = 'between_regions'
UNION ALL
SELECT (b.time_period, b.area), b.cell, -1
FROM population_balance_by_level AS b
INNER JOIN regional ON regional.all_lie
WHERE b.level = 'region' AND b.component = 'internal_in'
