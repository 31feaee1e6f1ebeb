SELECT time_period AS year, duration AS kind, total(obs_value) AS count, hidden(conf_status) AS suppressed
FROM residence_duration
WHERE level = 'country'
GROUP BY ALL
ORDER BY year, kind
