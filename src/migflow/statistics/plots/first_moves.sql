SELECT time_period AS year, outcome AS kind, total(obs_value) AS count, hidden(conf_status) AS suppressed
FROM first_moves_of_immigrants
WHERE level = 'country' AND observed_over = 'P1Y'
GROUP BY ALL
ORDER BY year, kind
