SELECT time_period AS year, component, total(obs_value) AS persons, hidden(conf_status) AS suppressed
FROM population_balance_by_level
WHERE level = 'country' AND component IN ('births', 'deaths', 'immigration', 'emigration', 'adjustment')
GROUP BY ALL
ORDER BY year, component
