SELECT time_period AS year, move_type AS kind, total(obs_value) AS count, hidden(conf_status) AS suppressed
FROM internal_migration_by_type
WHERE level = 'country'
GROUP BY ALL
ORDER BY year, kind
