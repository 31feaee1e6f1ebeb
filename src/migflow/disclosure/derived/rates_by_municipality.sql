-- A rate tells its moves to those who know the population, and the population to those who know the moves.
SELECT
    r.cell,
    b.cell AS base,
    0 AS factor
FROM internal_migration_by_municipality AS r
INNER JOIN internal_migration_by_municipality AS b
    ON
        b.time_period = r.time_period
        AND b.area = r.area
        AND r.indicator IN (replace(b.indicator, '_moves', '_rate'), b.indicator || '_rate')
WHERE r.unit_measure = 'PER_1000_PS' AND b.unit_measure = 'EVT'
UNION ALL
SELECT
    r.cell,
    p.cell,
    0
FROM internal_migration_by_municipality AS r
INNER JOIN population_balance AS p
    ON
        p.time_period = r.time_period
        AND p.area = r.area
        AND p.component IN ('population_start', 'population_end')
WHERE r.unit_measure = 'PER_1000_PS'
