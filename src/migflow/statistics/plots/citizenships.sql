SELECT time_period AS year, citizenship, total(obs_value) AS persons, hidden(conf_status) AS suppressed
FROM population_by_citizenship
WHERE time_period = newest('population_by_citizenship') AND level = 'country'
GROUP BY ALL
ORDER BY persons DESC NULLS LAST, citizenship
