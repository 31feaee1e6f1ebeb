-- equal: moves of households in a wider area are those of its municipalities
SELECT (t.time_period, w.area, t.move_type, t.moved_as, t.group_size, t.indicator) AS equation, t.cell, 1 AS coefficient
FROM household_moves AS t
INNER JOIN wider_areas AS w ON w.code = t.area AND w.area <> t.area
WHERE t.area IN (SELECT area FROM population_balance)
UNION ALL
SELECT (time_period, area, move_type, moved_as, group_size, indicator), cell, -1
FROM household_moves
WHERE area NOT IN (SELECT area FROM population_balance)
