-- population_balance: internal in-migration and out-migration of all municipalities are equal in each year
SELECT time_period
FROM population_balance
GROUP BY time_period
HAVING
    sum(CASE WHEN component = 'internal_in' THEN obs_value ELSE 0 END)
    <> sum(CASE WHEN component = 'internal_out' THEN obs_value ELSE 0 END)
