-- Residents on 1 January by the completed years since they last came to live in their municipality.
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

entered AS (
    SELECT
        *,
        CASE
            WHEN entry_reason = 'internal' AND municipality = lag(municipality) OVER by_person THEN 0
            ELSE 1
        END AS came
    FROM residence_spells
    WINDOW by_person AS (PARTITION BY person_id ORDER BY spell_number)
),

numbered AS (
    SELECT
        *,
        sum(came) OVER (PARTITION BY person_id ORDER BY spell_number) AS stay
    FROM entered
),

-- Who was found living there without an event, or at the start of records without a date, came at an unknown time.
stays AS (
    SELECT
        person_id,
        municipality,
        min(from_date) AS from_date,
        max(coalesce(to_date, DATE '9999-12-31')) AS to_date,
        bool_or(
            entry_reason = 'adjustment'
            OR (entry_reason = 'start_of_records' AND from_date = CAST($first_day AS DATE) - INTERVAL 1 DAY)
        ) AS since_unknown
    FROM numbered
    GROUP BY person_id, stay, municipality
),

lasting AS (
    SELECT
        d.day,
        d.obs_status,
        s.municipality,
        p.sex,
        CASE WHEN NOT s.since_unknown THEN
            extract(YEAR FROM d.day) - extract(YEAR FROM s.from_date)
            - CASE WHEN extract(MONTH FROM s.from_date) = 1 AND extract(DAY FROM s.from_date) = 1 THEN 0 ELSE 1 END
        END AS years
    FROM stays AS s
    INNER JOIN persons AS p ON p.person_id = s.person_id
    INNER JOIN days AS d ON s.from_date < d.day AND s.to_date >= d.day
),

grouped AS (
    SELECT
        day,
        obs_status,
        municipality,
        sex,
        CASE
            WHEN years IS NULL THEN '_U'
            WHEN years < 1 THEN 'Y_LT1'
            WHEN years < 5 THEN 'Y1T4'
            WHEN years < 10 THEN 'Y5T9'
            ELSE 'Y_GE10'
        END AS duration,
        count(*) AS persons
    FROM lasting
    GROUP BY ALL
)

SELECT
    CAST(extract(YEAR FROM g.day) AS INTEGER) AS time_period,
    w.area,
    w.level,
    g.duration,
    g.sex,
    sum(g.persons) AS obs_value,
    'PS' AS unit_measure,
    g.obs_status
FROM grouped AS g
INNER JOIN wider_areas AS w ON w.code = g.municipality
GROUP BY g.day, w.area, w.level, g.duration, g.sex, g.obs_status
