SELECT
    time_period AS year,
    observed_over,
    sum(obs_value) FILTER (indicator = 'movers') AS movers,
    sum(obs_value) FILTER (indicator = 'stayers') AS stayers,
    hidden(conf_status) AS suppressed,
    CASE WHEN suppressed = 0 THEN 1000.0 * movers / (movers + stayers) END AS per_1000
FROM residence_transitions
GROUP BY ALL
ORDER BY year, observed_over
