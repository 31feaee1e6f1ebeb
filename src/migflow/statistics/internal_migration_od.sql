-- Moves count events by the age at the move; movers compare the residence of one person on two consecutive 1 Januaries.
SELECT
    y.year AS time_period,
    c.origin,
    c.destination,
    c.sex,
    CASE
        WHEN c.age < 5 THEN 'Y_LT5'
        WHEN c.age >= 85 THEN 'Y_GE85'
        ELSE 'Y' || CAST(c.age - c.age % 5 AS VARCHAR) || 'T' || CAST(c.age - c.age % 5 + 4 AS VARCHAR)
    END AS age_group,
    CASE WHEN c.indicator = 'moves' THEN 'moves' ELSE 'movers' END AS indicator,
    CAST(sum(c.obs_value) AS BIGINT) AS obs_value,
    CASE WHEN c.indicator = 'moves' THEN 'EVT' ELSE 'PS' END AS unit_measure,
    y.obs_status
FROM migration_counts AS c
INNER JOIN accounting_years AS y ON y.year = c.year
WHERE c.origin <> c.destination
GROUP BY ALL
