-- first_moves_of_immigrants: immigrations of every outcome into a municipality are its immigration
SELECT
    f.time_period,
    f.observed_over,
    f.area
FROM first_moves_of_immigrants AS f
INNER JOIN population_balance AS b
    ON b.time_period = f.time_period AND b.area = f.area AND b.component = 'immigration'
GROUP BY f.time_period, f.observed_over, f.area, b.obs_value
HAVING sum(f.obs_value) <> b.obs_value
