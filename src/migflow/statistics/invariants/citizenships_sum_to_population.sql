-- population_by_citizenship: the country's citizenships sum to the population, and no level counts anybody twice
SELECT
    b.time_period,
    b.level
FROM population_by_citizenship AS b
INNER JOIN (SELECT time_period, sum(obs_value) AS persons FROM population GROUP BY time_period) AS p
    ON p.time_period = b.time_period
GROUP BY b.time_period, b.level, p.persons
HAVING sum(b.obs_value) > p.persons OR (b.level = 'country' AND sum(b.obs_value) < p.persons)
