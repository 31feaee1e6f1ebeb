-- Indices are made of the moves whose total they stand with; an intensity tells it.
SELECT
    i.cell,
    t.cell AS base,
    0 AS factor
FROM migration_indices AS i
INNER JOIN migration_indices AS t
    ON
        t.time_period = i.time_period
        AND t.level = i.level
        AND t.measure = i.measure
        AND t.indicator = 'total'
WHERE i.indicator <> 'total'
