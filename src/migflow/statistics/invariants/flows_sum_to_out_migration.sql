-- internal_migration_od: the moves from each origin over all destinations are that municipality's out-migration
SELECT
    m.time_period,
    m.area
FROM internal_migration_by_municipality AS m
LEFT JOIN internal_migration_od AS f
    ON f.time_period = m.time_period AND f.origin = m.area AND f.indicator = 'moves'
WHERE m.indicator = 'out_moves'
GROUP BY m.time_period, m.area, m.obs_value
HAVING m.obs_value <> coalesce(sum(f.obs_value), 0)
