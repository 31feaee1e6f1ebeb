-- equal: moves and movers over ages and sexes are the total that is published with the indices
SELECT (i.time_period, i.level, i.measure) AS equation, a.cell, 1 AS coefficient
FROM migration_indices AS i
INNER JOIN internal_migration_by_age AS a
    ON a.time_period = i.time_period AND a.level = i.level AND a.indicator = i.measure
WHERE i.indicator = 'total'
UNION ALL
SELECT (time_period, level, measure), cell, -1
FROM migration_indices
WHERE indicator = 'total'
