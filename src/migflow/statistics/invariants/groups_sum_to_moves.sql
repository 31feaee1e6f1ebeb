-- household_moves: moves of persons in groups of every size are the moves of every type
SELECT
    time_period,
    area
FROM (
    SELECT
        time_period,
        area,
        obs_value
    FROM household_moves
    WHERE indicator = 'moves'
    UNION ALL
    SELECT
        time_period,
        area,
        -obs_value
    FROM internal_migration_by_type
) AS compared
GROUP BY time_period, area
HAVING sum(obs_value) <> 0
