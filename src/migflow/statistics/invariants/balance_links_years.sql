-- population_balance: the population at the end of a year is that at the start of the next
SELECT
    e.time_period,
    e.area
FROM population_balance AS e
INNER JOIN population_balance AS s
    ON s.area = e.area AND s.time_period = e.time_period + 1 AND s.component = 'population_start'
WHERE e.component = 'population_end' AND e.obs_value <> s.obs_value
