-- residence_transitions: the movers over one year are those of the flows by origin and destination
SELECT
    time_period,
    origin,
    destination
FROM (
    SELECT
        time_period,
        origin,
        destination,
        obs_value
    FROM residence_transitions
    WHERE observed_over = 'P1Y' AND indicator = 'movers'
    UNION ALL
    SELECT
        time_period,
        origin,
        destination,
        -obs_value
    FROM internal_migration_od
    WHERE indicator = 'movers'
) AS compared
GROUP BY time_period, origin, destination
HAVING sum(obs_value) <> 0
