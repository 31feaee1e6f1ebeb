-- equal: moves into a wider area and out of it are those between its municipalities and others
SELECT (m.time_period, d.area, 'internal_in') AS equation, m.cell, 1 AS coefficient
FROM internal_migration_od AS m
INNER JOIN wider_areas AS d ON d.code = m.destination AND d.area <> d.code
LEFT JOIN wider_areas AS o ON o.code = m.origin AND o.area = d.area
WHERE m.indicator = 'moves' AND o.code IS NULL
UNION ALL
SELECT (m.time_period, o.area, 'internal_out'), m.cell, 1
FROM internal_migration_od AS m
INNER JOIN wider_areas AS o ON o.code = m.origin AND o.area <> o.code
LEFT JOIN wider_areas AS d ON d.code = m.destination AND d.area = o.area
WHERE m.indicator = 'moves' AND d.code IS NULL
UNION ALL
SELECT (time_period, area, component), cell, -1
FROM population_balance_by_level
WHERE component IN ('internal_in', 'internal_out')
