-- equal: moves in groups of all sizes are all moves inside and between municipalities
SELECT (time_period, area, move_type) AS equation, cell, 1 AS coefficient
FROM household_moves
WHERE indicator = 'moves'
UNION ALL
SELECT
    (
        time_period,
        area,
        CASE
            WHEN move_type IN ('within_settlement', 'within_municipality') THEN 'within_municipality'
            ELSE 'between_municipalities'
        END
    ),
    cell,
    -1
FROM internal_migration_by_type
