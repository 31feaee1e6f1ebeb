SELECT
    time_period AS year,
    named(area) AS municipality,
    obs_value AS net_rate,
    lower,
    upper,
    CAST(conf_status <> 'F' AS INTEGER) AS suppressed
FROM internal_migration_by_municipality
WHERE indicator = 'net_rate' AND time_period = newest('internal_migration_by_municipality')
ORDER BY net_rate DESC NULLS LAST, municipality
