-- equal: what happens in a wider area, but for moves inside the country, happens in its municipalities
SELECT (b.time_period, w.area, b.component) AS equation, b.cell, 1 AS coefficient
FROM population_balance AS b
INNER JOIN wider_areas AS w ON w.code = b.area AND w.area <> b.area
WHERE b.component NOT IN ('internal_in', 'internal_out')
UNION ALL
SELECT (time_period, area, component), cell, -1
FROM population_balance_by_level
WHERE component NOT IN ('internal_in', 'internal_out')
