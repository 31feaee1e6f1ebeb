-- equal: the flows of four quarters are those of the year
WITH whole AS (
    SELECT
        left(time_period, 4) AS year,
        area
    FROM population_balance_quarterly
    GROUP BY ALL
    HAVING count(DISTINCT time_period) = 4
)

SELECT (CAST(q.time_period[1:4] AS INTEGER), q.area, q.component) AS equation, q.cell, 1 AS coefficient
FROM population_balance_quarterly AS q
INNER JOIN whole AS w ON w.year = left(q.time_period, 4) AND w.area = q.area
WHERE q.component NOT IN ('population_start', 'population_end')
UNION ALL
SELECT (b.time_period, b.area, b.component), b.cell, -1
FROM population_balance AS b
INNER JOIN whole AS w ON w.year = CAST(b.time_period AS VARCHAR) AND w.area = b.area
WHERE b.component NOT IN ('population_start', 'population_end')
