-- at most: who crosses the border of a region crosses that of a municipality, with each citizenship
SELECT
    (time_period, indicator, citizenship, sex) AS equation,
    cell,
    CASE WHEN level = 'region' THEN 1 ELSE -1 END AS coefficient
FROM internal_migration_by_citizenship
WHERE indicator IN ('moves', 'movers')
