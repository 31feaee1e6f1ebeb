-- Residents on 1 January; that after the last year has the status of the last.
WITH days AS (
    SELECT
        year,
        'A' AS obs_status
    FROM accounting_years
    UNION ALL
    SELECT
        max(year) + 1,
        max_by(obs_status, year)
    FROM accounting_years
)

SELECT
    CAST(d.year AS INTEGER) AS time_period,
    c.municipality AS area,
    c.age,
    c.sex,
    c.citizenship,
    c.obs_value,
    'PS' AS unit_measure,
    d.obs_status
FROM resident_counts AS c
INNER JOIN days AS d ON d.year = c.year
