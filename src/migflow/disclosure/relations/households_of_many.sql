-- at most: a group of five or more is at least five persons
SELECT
    (time_period, area, move_type, moved_as) AS equation,
    cell,
    CASE WHEN indicator = 'moves' THEN -1 ELSE 5 END AS coefficient
FROM household_moves
WHERE group_size = 'P_GE5'
