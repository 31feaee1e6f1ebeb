SELECT
    time_period AS year,
    age,
    sex,
    obs_value AS movers_rate,
    CAST(conf_status <> 'F' AS INTEGER) AS suppressed
FROM internal_migration_by_age
WHERE
    indicator = 'movers_rate'
    AND level = 'municipality'
    AND time_period = newest('internal_migration_by_age')
ORDER BY age, sex
