-- Whole quarters inside [$first_day, $as_of), from the first whole calendar year on.
WITH started AS (
    SELECT unnest(generate_series(
        CAST((SELECT min(from_day) FROM accounting_years) AS TIMESTAMP),
        CAST($as_of AS TIMESTAMP) - INTERVAL 3 MONTH,
        INTERVAL 3 MONTH
    )) AS from_day
)

SELECT
    CAST(extract(YEAR FROM from_day) AS INTEGER) AS year,
    CAST(extract(QUARTER FROM from_day) AS INTEGER) AS quarter,
    CAST(from_day AS DATE) AS from_day,
    CAST(from_day + INTERVAL 3 MONTH AS DATE) AS to_day,
    CASE WHEN CAST($as_of AS DATE) < from_day + INTERVAL 15 MONTH THEN 'P' ELSE 'A' END AS obs_status
FROM started
