-- equal: first moves of immigrants in a wider area are those of its municipalities
SELECT (t.time_period, t.observed_over, w.area, t.outcome, t.sex) AS equation, t.cell, 1 AS coefficient
FROM first_moves_of_immigrants AS t
INNER JOIN wider_areas AS w ON w.code = t.area AND w.area <> t.area
WHERE t.area IN (SELECT area FROM population_balance)
UNION ALL
SELECT (time_period, observed_over, area, outcome, sex), cell, -1
FROM first_moves_of_immigrants
WHERE area NOT IN (SELECT area FROM population_balance)
