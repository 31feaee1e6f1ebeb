-- Emigrants by the 12-month rule, once by each definition of age.
WITH left_for AS (
    SELECT
        u.person_id,
        u.to_date AS day,
        u.destination_country AS country
    FROM usual_residence AS u
    WHERE u.exit_reason = 'emigration'
),

described AS (
    SELECT
        y.year,
        y.obs_status,
        p.sex,
        coalesce(c.citizenship, 'XX') AS citizenship,
        coalesce(e.country, 'XX') AS country,
        CAST(y.year - extract(YEAR FROM p.birth_date) AS INTEGER) AS age_reached,
        extract(MONTH FROM p.birth_date) * 100 + extract(DAY FROM p.birth_date)
        > extract(MONTH FROM e.day) * 100 + extract(DAY FROM e.day) AS is_before_birthday
    FROM left_for AS e
    INNER JOIN accounting_years AS y ON e.day >= y.from_day AND e.day < y.to_day
    INNER JOIN persons AS p ON p.person_id = e.person_id
    LEFT JOIN citizenship_spells AS c
        ON c.person_id = e.person_id AND c.from_date < e.day AND (c.to_date IS NULL OR c.to_date >= e.day)
),

aged AS (
    SELECT
        *,
        'REACH' AS agedef,
        age_reached AS age
    FROM described
    UNION ALL
    SELECT
        *,
        'COMPLET',
        greatest(0, age_reached - CASE WHEN is_before_birthday THEN 1 ELSE 0 END)
    FROM described
)

SELECT
    year AS time_period,
    agedef,
    CASE
        WHEN age < 5 THEN 'Y_LT5'
        WHEN age >= 85 THEN 'Y_GE85'
        ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
    END AS age_group,
    sex,
    citizenship,
    country AS next_country,
    count(*) AS obs_value,
    'EVT' AS unit_measure,
    obs_status
FROM aged
GROUP BY ALL
