-- internal_migration_od: the moves to each destination over all origins are that municipality's in-migration
SELECT
    m.time_period,
    m.area
FROM internal_migration_by_municipality AS m
LEFT JOIN internal_migration_od AS f
    ON f.time_period = m.time_period AND f.destination = m.area AND f.indicator = 'moves'
WHERE m.indicator = 'in_moves'
GROUP BY m.time_period, m.area, m.obs_value
HAVING m.obs_value <> coalesce(sum(f.obs_value), 0)
