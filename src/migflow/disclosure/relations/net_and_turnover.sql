-- equal: net is in minus out, turnover is in plus out
SELECT
    (m.time_period, m.area, s.made) AS equation,
    m.cell,
    s.coefficient
FROM internal_migration_by_municipality AS m
INNER JOIN (
    VALUES
    ('net', 'in_moves', 1), ('net', 'out_moves', -1), ('net', 'net_moves', -1),
    ('turnover', 'in_moves', 1), ('turnover', 'out_moves', 1), ('turnover', 'turnover', -1)
) AS s (made, indicator, coefficient) ON s.indicator = m.indicator
