-- What immigrants of a year did first within one year and within five years of their arrival in a municipality.
-- Only arrivals are shown that have all been followed for so long.
WITH windows AS (
    SELECT 1 AS years
    UNION ALL
    SELECT 5
),

arrived AS (
    SELECT
        m.person_id,
        m.move_date,
        m.destination,
        y.year,
        p.sex
    FROM moves AS m
    INNER JOIN accounting_years AS y ON m.move_date >= y.from_day AND m.move_date < y.to_day
    INNER JOIN persons AS p ON p.person_id = m.person_id
    WHERE m.move_type = 'immigration'
),

events AS (
    SELECT
        person_id,
        move_date AS day,
        CASE WHEN move_type = 'emigration' THEN 'left' ELSE 'moved' END AS outcome
    FROM moves
    WHERE move_type IN ('between_municipalities', 'emigration')
    UNION ALL
    SELECT
        person_id,
        event_date,
        'died'
    FROM vital_events
    WHERE event_type = 'death'
),

first_events AS (
    SELECT
        a.person_id,
        a.move_date,
        min(e.day) AS day,
        min_by(e.outcome, e.day) AS outcome
    FROM arrived AS a
    INNER JOIN events AS e ON e.person_id = a.person_id AND e.day > a.move_date
    GROUP BY a.person_id, a.move_date
),

followed AS (
    SELECT
        a.year,
        w.years,
        a.destination,
        a.sex,
        CASE WHEN f.day < a.move_date + w.years * INTERVAL 1 YEAR THEN f.outcome ELSE 'stayed' END AS outcome,
        count(*) AS immigrations
    FROM arrived AS a
    CROSS JOIN windows AS w
    LEFT JOIN first_events AS f ON f.person_id = a.person_id AND f.move_date = a.move_date
    GROUP BY ALL
)

SELECT
    y.year AS time_period,
    'P' || CAST(f.years AS VARCHAR) || 'Y' AS observed_over,
    w.area,
    w.level,
    f.outcome,
    f.sex,
    CAST(sum(f.immigrations) AS BIGINT) AS obs_value,
    'EVT' AS unit_measure,
    y.obs_status
FROM followed AS f
INNER JOIN accounting_years AS y ON y.year = f.year
INNER JOIN wider_areas AS w ON w.code = f.destination
WHERE y.to_day + f.years * INTERVAL 1 YEAR <= CAST($as_of AS DATE)
GROUP BY y.year, f.years, w.area, w.level, f.outcome, f.sex, y.obs_status
