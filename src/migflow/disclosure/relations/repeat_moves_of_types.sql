-- equal: first, return and onward moves by sex are all moves between municipalities
WITH windows AS (
    SELECT DISTINCT
        time_period,
        observed_over
    FROM repeat_moves
)

SELECT (time_period, observed_over, area, sex) AS equation, cell, 1 AS coefficient FROM repeat_moves
UNION ALL
SELECT (t.time_period, w.observed_over, t.area, t.sex), t.cell, -1
FROM internal_migration_by_type AS t
INNER JOIN windows AS w ON w.time_period = t.time_period
WHERE t.move_type IN ('between_municipalities', 'between_regions')
