WITH flows AS (
    SELECT
        time_period AS year,
        origin,
        destination,
        total(obs_value) AS moves,
        hidden(conf_status) AS suppressed
    FROM internal_migration_od
    WHERE indicator = 'moves' AND time_period = newest('internal_migration_od')
    GROUP BY ALL
),

-- What a municipality gains is not known while one of its flows is suppressed.
balance AS (
    SELECT area, CASE WHEN sum(suppressed) = 0 THEN sum(moves) END AS net
    FROM (
        SELECT destination AS area, moves, suppressed FROM flows
        UNION ALL
        SELECT origin AS area, -moves AS moves, suppressed FROM flows
    )
    GROUP BY area
)

SELECT
    f.year,
    o.name AS origin,
    d.name AS destination,
    f.moves,
    f.suppressed,
    b.net AS origin_net,
    e.net AS destination_net,
    o.longitude AS origin_longitude,
    o.latitude AS origin_latitude,
    d.longitude AS destination_longitude,
    d.latitude AS destination_latitude
FROM flows AS f
JOIN areas AS o ON o.code = f.origin
JOIN areas AS d ON d.code = f.destination
JOIN balance AS b ON b.area = f.origin
JOIN balance AS e ON e.area = f.destination
WHERE o.longitude IS NOT NULL AND o.latitude IS NOT NULL AND d.longitude IS NOT NULL AND d.latitude IS NOT NULL
ORDER BY f.moves DESC NULLS LAST, f.origin, f.destination
