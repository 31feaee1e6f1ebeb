-- equal: first, return and onward moves in a wider area are those of its municipalities
SELECT (t.time_period, t.observed_over, w.area, t.move_order, t.sex) AS equation, t.cell, 1 AS coefficient
FROM repeat_moves AS t
INNER JOIN wider_areas AS w ON w.code = t.area AND w.area <> t.area
WHERE t.area IN (SELECT area FROM population_balance)
UNION ALL
SELECT (time_period, observed_over, area, move_order, sex), cell, -1
FROM repeat_moves
WHERE area NOT IN (SELECT area FROM population_balance)
