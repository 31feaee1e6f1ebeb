-- Persons who moved in groups of a known size are a multiple of the groups.
SELECT
    m.cell,
    h.cell AS base,
    CAST(right(h.group_size, 1) AS INTEGER) AS factor
FROM household_moves AS m
INNER JOIN household_moves AS h
    ON
        h.time_period = m.time_period
        AND h.area = m.area
        AND h.move_type = m.move_type
        AND h.moved_as = m.moved_as
        AND h.group_size = m.group_size
WHERE m.indicator = 'moves' AND h.indicator = 'household_moves' AND h.group_size IN ('P1', 'P2', 'P3', 'P4')
