-- equal: movers over one year between two municipalities, by sex, are those of all ages
SELECT (time_period, origin, destination, sex) AS equation, cell, 1 AS coefficient
FROM internal_migration_od
WHERE indicator = 'movers'
UNION ALL
SELECT (time_period, origin, destination, sex), cell, -1
FROM residence_transitions
WHERE indicator = 'movers' AND observed_over = 'P1Y'
