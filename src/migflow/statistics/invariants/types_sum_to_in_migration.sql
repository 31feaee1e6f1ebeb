-- internal_migration_by_type: moves into each municipality from others, of its region or not, are its in-migration
SELECT
    time_period,
    area
FROM (
    SELECT
        time_period,
        area,
        obs_value
    FROM internal_migration_by_type
    WHERE move_type IN ('between_municipalities', 'between_regions')
    UNION ALL
    SELECT
        time_period,
        area,
        -obs_value
    FROM internal_migration_by_municipality
    WHERE indicator = 'in_moves'
) AS compared
WHERE area IN (SELECT area FROM internal_migration_by_municipality)
GROUP BY time_period, area
HAVING sum(obs_value) <> 0
