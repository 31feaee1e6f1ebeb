-- Whole calendar years inside [$first_day, $as_of).
WITH numbered AS (
    SELECT unnest(generate_series(
        CAST(extract(YEAR FROM CAST($first_day AS DATE)) AS INTEGER),
        CAST(extract(YEAR FROM CAST($as_of AS DATE)) AS INTEGER)
    )) AS year
),

dated AS (
    SELECT
        year,
        make_date(year, 1, 1) AS from_day,
        make_date(year + 1, 1, 1) AS to_day
    FROM numbered
)

SELECT
    year,
    from_day,
    to_day,
    CASE WHEN CAST($as_of AS DATE) < to_day + INTERVAL 12 MONTH THEN 'P' ELSE 'A' END AS obs_status
FROM dated
WHERE from_day >= CAST($first_day AS DATE) AND to_day <= CAST($as_of AS DATE)
