-- repeat_moves: moves of every order into a municipality are its moves in
SELECT
    r.time_period,
    r.observed_over,
    r.area
FROM repeat_moves AS r
INNER JOIN population_balance AS b
    ON b.time_period = r.time_period AND b.area = r.area AND b.component = 'internal_in'
GROUP BY r.time_period, r.observed_over, r.area, b.obs_value
HAVING sum(r.obs_value) <> b.obs_value
