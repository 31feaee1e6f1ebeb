-- The account of each municipality and year: stocks of its first and last day, flows of its four quarters.
SELECT
    y.year AS time_period,
    b.area,
    b.component,
    CAST(sum(b.obs_value) AS BIGINT) AS obs_value,
    b.unit_measure,
    y.obs_status
FROM population_balance_quarterly AS b
INNER JOIN accounting_years AS y ON CAST(substr(b.time_period, 1, 4) AS INTEGER) = y.year
WHERE
    b.component NOT IN ('population_start', 'population_end')
    OR (b.component = 'population_start' AND b.time_period LIKE '%Q1')
    OR (b.component = 'population_end' AND b.time_period LIKE '%Q4')
GROUP BY y.year, b.area, b.component, b.unit_measure, y.obs_status
