-- equal: persons who moved in groups of one to four are as many as the groups times their size
SELECT
    (time_period, area, move_type, moved_as, group_size) AS equation,
    cell,
    CASE WHEN indicator = 'moves' THEN 1 ELSE -CAST(right(group_size, 1) AS INTEGER) END AS coefficient
FROM household_moves
WHERE group_size IN ('P1', 'P2', 'P3', 'P4')
