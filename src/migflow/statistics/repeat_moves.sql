-- Moves between municipalities by what the same person did in the years before: nothing, leave the place now entered,
-- or leave another one. Only years are shown whose moves can all be looked back at so far.
WITH windows AS (
    SELECT 1 AS years
    UNION ALL
    SELECT 5
),

crossed AS (
    SELECT
        person_id,
        move_date,
        origin,
        destination
    FROM moves
    WHERE move_type = 'between_municipalities'
),

earlier AS (
    SELECT
        m.person_id,
        m.move_date,
        w.years,
        bool_or(e.origin = m.destination) AS is_return
    FROM crossed AS m
    CROSS JOIN windows AS w
    INNER JOIN crossed AS e
        ON
            e.person_id = m.person_id
            AND e.move_date < m.move_date
            AND e.move_date >= m.move_date - w.years * INTERVAL 1 YEAR
    GROUP BY m.person_id, m.move_date, w.years
),

ordered AS (
    SELECT
        y.year,
        y.obs_status,
        w.years,
        m.destination,
        p.sex,
        CASE WHEN e.is_return IS NULL THEN 'first' WHEN e.is_return THEN 'return' ELSE 'onward' END AS move_order,
        count(*) AS moves
    FROM crossed AS m
    INNER JOIN accounting_years AS y ON m.move_date >= y.from_day AND m.move_date < y.to_day
    INNER JOIN windows AS w ON y.from_day - w.years * INTERVAL 1 YEAR >= CAST($first_day AS DATE)
    INNER JOIN persons AS p ON p.person_id = m.person_id
    LEFT JOIN earlier AS e ON e.person_id = m.person_id AND e.move_date = m.move_date AND e.years = w.years
    GROUP BY ALL
)

SELECT
    o.year AS time_period,
    'P' || CAST(o.years AS VARCHAR) || 'Y' AS observed_over,
    w.area,
    w.level,
    o.move_order,
    o.sex,
    CAST(sum(o.moves) AS BIGINT) AS obs_value,
    'EVT' AS unit_measure,
    o.obs_status
FROM ordered AS o
INNER JOIN wider_areas AS w ON w.code = o.destination
GROUP BY o.year, o.years, w.area, w.level, o.move_order, o.sex, o.obs_status
