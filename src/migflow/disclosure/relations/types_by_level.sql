-- equal: moves by type in a wider area are those of its municipalities
SELECT (t.time_period, w.area, t.move_type, t.urban_rural, t.sex) AS equation, t.cell, 1 AS coefficient
FROM internal_migration_by_type AS t
INNER JOIN wider_areas AS w ON w.code = t.area AND w.area <> t.area
WHERE t.area IN (SELECT area FROM population_balance)
UNION ALL
SELECT (time_period, area, move_type, urban_rural, sex), cell, -1
FROM internal_migration_by_type
WHERE area NOT IN (SELECT area FROM population_balance)
