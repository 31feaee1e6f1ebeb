-- Moves inside the country by the widest border they cross and between what kinds of settlement, in the area where they end and every wider one.
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
),

typed AS (
    SELECT
        c.year,
        c.destination,
        c.sex,
        CASE
            WHEN c.origin <> c.destination AND o.region <> d.region THEN 'between_regions'
            ELSE c.move_type
        END AS move_type,
        c.urban_rural,
        sum(c.obs_value) AS moves
    FROM migration_counts AS c
    LEFT JOIN regions AS o ON o.code = c.origin
    LEFT JOIN regions AS d ON d.code = c.destination
    WHERE c.indicator = 'moves'
    GROUP BY ALL
)

SELECT
    t.year AS time_period,
    w.area,
    w.level,
    t.move_type,
    t.urban_rural,
    t.sex,
    sum(t.moves) AS obs_value,
    'EVT' AS unit_measure,
    y.obs_status
FROM typed AS t
INNER JOIN accounting_years AS y ON y.year = t.year
INNER JOIN wider_areas AS w ON w.code = t.destination
GROUP BY t.year, w.area, w.level, t.move_type, t.urban_rural, t.sex, y.obs_status
