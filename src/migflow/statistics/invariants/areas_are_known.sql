-- areas: every area, origin and destination of the published tables is in it
WITH named AS (
    SELECT area FROM population
    UNION
    SELECT area FROM population_balance
    UNION
    SELECT area FROM internal_migration_by_municipality
    UNION
    SELECT origin AS area FROM internal_migration_od
    UNION
    SELECT destination AS area FROM internal_migration_od
    UNION
    SELECT origin AS area FROM residence_transitions
    UNION
    SELECT destination AS area FROM residence_transitions
)

SELECT n.area
FROM named AS n
LEFT JOIN areas AS a ON a.code = n.area
WHERE a.code IS NULL
