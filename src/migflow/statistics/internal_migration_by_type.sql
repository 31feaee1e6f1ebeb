-- Moves inside the country by the widest border they cross, in the area where they end and every wider one.
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
),

typed AS (
    SELECT
        y.year,
        y.obs_status,
        m.destination,
        p.sex,
        CASE
            WHEN m.move_type = 'between_municipalities' AND o.region <> d.region THEN 'between_regions'
            ELSE m.move_type
        END AS move_type,
        count(*) AS moves
    FROM moves AS m
    INNER JOIN accounting_years AS y ON m.move_date >= y.from_day AND m.move_date < y.to_day
    INNER JOIN persons AS p ON p.person_id = m.person_id
    LEFT JOIN regions AS o ON o.code = m.origin
    LEFT JOIN regions AS d ON d.code = m.destination
    WHERE m.move_type IN ('within_settlement', 'within_municipality', 'between_municipalities')
    GROUP BY ALL
)

SELECT
    t.year AS time_period,
    w.area,
    w.level,
    t.move_type,
    t.sex,
    sum(t.moves) AS obs_value,
    'EVT' AS unit_measure,
    t.obs_status
FROM typed AS t
INNER JOIN wider_areas AS w ON w.code = t.destination
GROUP BY t.year, w.area, w.level, t.move_type, t.sex, t.obs_status
