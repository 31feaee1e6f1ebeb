-- Moves count events by the age at the move; movers compare the residence of one person on two consecutive 1 Januaries.
WITH residents AS (
    SELECT
        d.day,
        s.person_id,
        s.municipality
    FROM residence_spells AS s
    INNER JOIN (SELECT from_day AS day FROM accounting_years UNION SELECT to_day FROM accounting_years) AS d
        ON s.from_date < d.day AND (s.to_date IS NULL OR s.to_date >= d.day)
),

changed AS (
    SELECT
        'moves' AS indicator,
        person_id,
        move_date AS day,
        extract(YEAR FROM move_date) AS year,
        origin,
        destination
    FROM moves
    WHERE move_type = 'between_municipalities'
    UNION ALL
    SELECT
        'movers',
        b.person_id,
        b.day,
        extract(YEAR FROM b.day),
        b.municipality,
        e.municipality
    FROM residents AS b
    INNER JOIN accounting_years AS y ON y.from_day = b.day
    INNER JOIN residents AS e ON e.person_id = b.person_id AND e.day = y.to_day
    WHERE b.municipality <> e.municipality
),

aged AS (
    SELECT
        c.*,
        p.sex,
        extract(YEAR FROM c.day) - extract(YEAR FROM p.birth_date)
        - CASE
            WHEN
                extract(MONTH FROM c.day) * 100 + extract(DAY FROM c.day)
                < extract(MONTH FROM p.birth_date) * 100 + extract(DAY FROM p.birth_date) THEN 1
            ELSE 0
        END AS age
    FROM changed AS c
    INNER JOIN persons AS p ON p.person_id = c.person_id
),

grouped AS (
    SELECT
        *,
        CASE
            WHEN age < 5 THEN 'Y_LT5'
            WHEN age >= 85 THEN 'Y_GE85'
            ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
        END AS age_group
    FROM aged
)

SELECT
    y.year AS time_period,
    g.origin,
    g.destination,
    g.sex,
    g.age_group,
    g.indicator,
    count(*) AS obs_value,
    CASE WHEN g.indicator = 'moves' THEN 'EVT' ELSE 'PS' END AS unit_measure,
    y.obs_status
FROM grouped AS g
INNER JOIN accounting_years AS y ON y.year = g.year
GROUP BY ALL
