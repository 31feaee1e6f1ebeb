-- equal: internal in- and out-migration of the balance are those of the table by municipality
SELECT
    (time_period, area, component) AS equation,
    cell,
    1 AS coefficient
FROM population_balance
WHERE component IN ('internal_in', 'internal_out')
UNION ALL
SELECT
    (time_period, area, CASE WHEN indicator = 'in_moves' THEN 'internal_in' ELSE 'internal_out' END),
    cell,
    -1
FROM internal_migration_by_municipality
WHERE indicator IN ('in_moves', 'out_moves')
