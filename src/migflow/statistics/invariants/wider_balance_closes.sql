-- population_balance_by_level: P1 = P0 + births - deaths + internal in - internal out + immigration - emigration + adjustment
SELECT
    time_period,
    area
FROM population_balance_by_level
GROUP BY time_period, area
HAVING sum(CASE
    WHEN component IN ('population_end', 'deaths', 'internal_out', 'emigration') THEN -obs_value ELSE obs_value
END) <> 0
