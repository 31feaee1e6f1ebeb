SELECT time_period AS year, move_order AS kind, total(obs_value) AS count, hidden(conf_status) AS suppressed
FROM repeat_moves
WHERE level = 'country' AND observed_over = 'P1Y'
GROUP BY ALL
ORDER BY year, kind
