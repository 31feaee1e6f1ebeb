SELECT
    time_period AS year,
    citizenship,
    sex,
    max(obs_value) FILTER (indicator = 'movers') AS movers,
    max(obs_value) FILTER (indicator = 'movers_rate') AS movers_rate,
    hidden(conf_status) AS suppressed
FROM internal_migration_by_citizenship
WHERE
    level = 'municipality'
    AND indicator IN ('movers', 'movers_rate')
    AND time_period = newest('internal_migration_by_citizenship')
GROUP BY ALL
ORDER BY citizenship, sex
