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

held AS (
    -- Spells cut where citizenship changes, before they are counted on each day: the days multiply the rows.
    SELECT
        s.municipality,
        p.sex,
        p.birth_date,
        coalesce(c.citizenship, 'XX') AS citizenship,
        greatest(s.from_date, coalesce(c.from_date, s.from_date)) AS from_date,
        least(coalesce(s.to_date, DATE '9999-12-31'), coalesce(c.to_date, DATE '9999-12-31')) AS to_date
    FROM residence_spells AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
    LEFT JOIN citizenship_spells AS c
        ON
            c.person_id = s.person_id
            AND c.from_date < coalesce(s.to_date, DATE '9999-12-31')
            AND coalesce(c.to_date, DATE '9999-12-31') > s.from_date
)

SELECT
    CAST(extract(YEAR FROM d.day) AS INTEGER) AS time_period,
    h.municipality AS area,
    CAST(least(
        100,
        extract(YEAR FROM d.day) - extract(YEAR FROM h.birth_date)
        - CASE WHEN extract(MONTH FROM h.birth_date) = 1 AND extract(DAY FROM h.birth_date) = 1 THEN 0 ELSE 1 END
    ) AS INTEGER) AS age,
    h.sex,
    h.citizenship,
    count(*) AS obs_value,
    'PS' AS unit_measure,
    d.obs_status
FROM held AS h
INNER JOIN days AS d ON h.from_date < d.day AND h.to_date >= d.day
GROUP BY ALL
