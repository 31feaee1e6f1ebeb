-- at most: who crosses the border of a region crosses that of a municipality, at each age
SELECT
    (time_period, indicator, age, sex) AS equation,
    cell,
    CASE WHEN level = 'region' THEN 1 ELSE -1 END AS coefficient
FROM internal_migration_by_age
WHERE indicator IN ('moves', 'movers')
