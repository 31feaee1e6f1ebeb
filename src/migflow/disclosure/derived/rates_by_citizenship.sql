-- A rate tells its moves to those who know the population.
SELECT
    r.cell,
    b.cell AS base,
    0 AS factor
FROM internal_migration_by_citizenship AS r
INNER JOIN internal_migration_by_citizenship AS b
    ON
        b.time_period = r.time_period
        AND b.level = r.level
        AND b.citizenship = r.citizenship
        AND b.sex = r.sex
        AND r.indicator = b.indicator || '_rate'
