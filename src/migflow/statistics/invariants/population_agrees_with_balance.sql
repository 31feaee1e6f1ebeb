-- population: the population of a municipality over ages, sexes and citizenships is that of its account
SELECT
    b.time_period,
    b.area
FROM population_balance AS b
LEFT JOIN population AS p ON p.time_period = b.time_period AND p.area = b.area
WHERE b.component = 'population_start'
GROUP BY b.time_period, b.area, b.obs_value
HAVING b.obs_value <> coalesce(sum(p.obs_value), 0)
