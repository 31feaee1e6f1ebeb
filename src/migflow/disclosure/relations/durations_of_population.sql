-- equal: residents of all durations by sex in a municipality are its population
SELECT (time_period, area, sex) AS equation, cell, 1 AS coefficient
FROM residence_duration
WHERE area IN (SELECT area FROM population)
UNION ALL
SELECT (time_period, area, sex), cell, -1 FROM population
