-- equal: immigrants by their first move are the immigration of the balance
WITH windows AS (
    SELECT DISTINCT
        time_period,
        observed_over
    FROM first_moves_of_immigrants
)

SELECT (time_period, observed_over, area) AS equation, cell, 1 AS coefficient
FROM first_moves_of_immigrants
WHERE area IN (SELECT area FROM population_balance)
UNION ALL
SELECT (b.time_period, w.observed_over, b.area), b.cell, -1
FROM population_balance AS b
INNER JOIN windows AS w ON w.time_period = b.time_period
WHERE b.component = 'immigration'
