-- equal: the population of a municipality over ages, sexes and citizenships is that of its account
SELECT (time_period, area) AS equation, cell, 1 AS coefficient FROM population
UNION ALL
SELECT (time_period, area), cell, -1 FROM population_balance WHERE component = 'population_start'
