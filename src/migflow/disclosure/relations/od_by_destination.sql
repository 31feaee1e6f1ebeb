-- equal: moves into a municipality over all origins, sexes and ages are its in-migration
SELECT (time_period, destination) AS equation, cell, 1 AS coefficient
FROM internal_migration_od WHERE indicator = 'moves'
UNION ALL
SELECT (time_period, area), cell, -1 FROM internal_migration_by_municipality WHERE indicator = 'in_moves'
