-- equal: moves into a municipality from its region and from other regions, by sex, are those by type
WITH regions AS (
    SELECT
        code,
        area AS region
    FROM wider_areas
    WHERE level = 'region'
)

SELECT
    (
        f.time_period,
        f.destination,
        f.sex,
        CASE WHEN o.region <> d.region THEN 'between_regions' ELSE 'between_municipalities' END
    ) AS equation,
    f.cell,
    1 AS coefficient
FROM internal_migration_od AS f
LEFT JOIN regions AS o ON o.code = f.origin
LEFT JOIN regions AS d ON d.code = f.destination
WHERE f.indicator = 'moves'
UNION ALL
SELECT (time_period, area, sex, move_type), cell, -1
FROM internal_migration_by_type
WHERE
    move_type IN ('between_municipalities', 'between_regions')
    AND area IN (SELECT area FROM population_balance)
