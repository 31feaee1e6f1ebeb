-- equal: residents by duration in a wider area are those of its municipalities
SELECT (r.time_period, w.area, r.duration, r.sex) AS equation, r.cell, 1 AS coefficient
FROM residence_duration AS r
INNER JOIN wider_areas AS w ON w.code = r.area AND w.area <> r.area
WHERE r.area IN (SELECT area FROM population)
UNION ALL
SELECT (time_period, area, duration, sex), cell, -1
FROM residence_duration
WHERE area NOT IN (SELECT area FROM population)
