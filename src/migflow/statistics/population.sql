-- Residents at midnight before 1 January: who lived there on 31 December and had not left by the end of that day.
WITH days AS (
    SELECT
        from_day AS day,
        'A' AS obs_status
    FROM accounting_years
    UNION ALL
    SELECT
        max(to_day),
        max_by(obs_status, to_day)
    FROM accounting_years
),

residents AS (
    SELECT
        d.day,
        d.obs_status,
        s.person_id,
        s.municipality
    FROM residence_spells AS s
    INNER JOIN days AS d ON s.from_date < d.day AND (s.to_date IS NULL OR s.to_date >= d.day)
)

SELECT
    CAST(extract(YEAR FROM r.day) AS INTEGER) AS time_period,
    r.municipality AS area,
    CAST(least(
        100,
        extract(YEAR FROM r.day) - extract(YEAR FROM p.birth_date)
        - CASE WHEN extract(MONTH FROM p.birth_date) = 1 AND extract(DAY FROM p.birth_date) = 1 THEN 0 ELSE 1 END
    ) AS INTEGER) AS age,
    p.sex,
    coalesce(c.citizenship, 'XX') AS citizenship,
    count(*) AS obs_value,
    'PS' AS unit_measure,
    r.obs_status
FROM residents AS r
INNER JOIN persons AS p ON p.person_id = r.person_id
LEFT JOIN citizenship_spells AS c
    ON c.person_id = r.person_id AND c.from_date < r.day AND (c.to_date IS NULL OR c.to_date >= r.day)
GROUP BY ALL
