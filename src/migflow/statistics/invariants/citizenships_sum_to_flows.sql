-- internal_migration_by_citizenship: moves and movers of all citizenships are those of all origins and destinations
SELECT
    time_period,
    sex,
    indicator
FROM (
    SELECT
        time_period,
        sex,
        indicator,
        obs_value
    FROM internal_migration_by_citizenship
    WHERE level = 'municipality' AND indicator IN ('moves', 'movers')
    UNION ALL
    SELECT
        time_period,
        sex,
        indicator,
        -obs_value
    FROM internal_migration_od
) AS compared
GROUP BY time_period, sex, indicator
HAVING sum(obs_value) <> 0
