SELECT time_period AS year, moved_as AS kind, total(obs_value) AS count, hidden(conf_status) AS suppressed
FROM household_moves
WHERE level = 'country' AND indicator = 'household_moves'
GROUP BY ALL
ORDER BY year, kind
