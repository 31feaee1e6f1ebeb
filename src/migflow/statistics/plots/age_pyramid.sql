SELECT time_period AS year, age, sex, total(obs_value) AS persons, hidden(conf_status) AS suppressed
FROM population
WHERE time_period = newest('population')
GROUP BY ALL
ORDER BY age, sex
