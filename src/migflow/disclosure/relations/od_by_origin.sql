-- equal: moves out of a municipality over all destinations, sexes and ages are its out-migration
SELECT (time_period, origin) AS equation, cell, 1 AS coefficient FROM internal_migration_od WHERE indicator = 'moves'
UNION ALL
SELECT (time_period, area), cell, -1 FROM internal_migration_by_municipality WHERE indicator = 'out_moves'
