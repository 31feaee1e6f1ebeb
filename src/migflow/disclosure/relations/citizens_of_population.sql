-- equal: residents by citizenship and sex in an area are those of all ages in its municipalities
SELECT (p.time_period, w.area, p.citizenship, p.sex) AS equation, p.cell, 1 AS coefficient
FROM population AS p
INNER JOIN wider_areas AS w ON w.code = p.area
UNION ALL
SELECT (time_period, area, citizenship, sex), cell, -1 FROM population_by_citizenship
