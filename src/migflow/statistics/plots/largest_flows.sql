SELECT
    time_period AS year,
    named(origin) AS origin,
    named(destination) AS destination,
    total(obs_value) AS moves,
    hidden(conf_status) AS suppressed
FROM internal_migration_od
WHERE indicator = 'moves' AND time_period = newest('internal_migration_od')
GROUP BY ALL
ORDER BY moves DESC NULLS LAST, origin, destination
