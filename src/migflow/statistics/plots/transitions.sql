SELECT
    time_period AS year,
    observed_over,
    sum(obs_value) FILTER (indicator = 'movers') AS movers,
    sum(obs_value) FILTER (indicator = 'stayers') AS stayers,
    1000.0 * movers / (movers + stayers) AS per_1000,
    hidden(conf_status) AS suppressed
FROM residence_transitions
GROUP BY ALL
ORDER BY year, observed_over
