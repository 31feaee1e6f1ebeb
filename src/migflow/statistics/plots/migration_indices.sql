SELECT
    time_period AS year,
    measure,
    indicator,
    obs_value AS value,
    CAST(conf_status <> 'F' AS INTEGER) AS suppressed
FROM migration_indices
WHERE level = 'municipality' AND indicator IN ('cmi', 'mei', 'anmr', 'gini_total', 'mean_distance')
ORDER BY year, measure, indicator
