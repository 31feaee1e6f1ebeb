-- equal: the population of a municipality over ages, sexes and citizenships is that of the account that begins or ends then
WITH stocks AS (
    SELECT
        time_period + CASE WHEN component = 'population_end' THEN 1 ELSE 0 END AS time_period,
        area,
        component,
        cell
    FROM population_balance
    WHERE component IN ('population_start', 'population_end')
)

SELECT (s.time_period, s.area, s.component) AS equation, p.cell, 1 AS coefficient
FROM stocks AS s
INNER JOIN population AS p ON p.time_period = s.time_period AND p.area = s.area
UNION ALL
SELECT (time_period, area, component), cell, -1
FROM stocks
