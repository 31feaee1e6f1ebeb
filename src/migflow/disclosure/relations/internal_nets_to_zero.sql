-- equal: in the country internal in-migration is internal out-migration
SELECT
    time_period AS equation,
    cell,
    CASE WHEN component = 'internal_in' THEN 1 ELSE -1 END AS coefficient
FROM population_balance
WHERE component IN ('internal_in', 'internal_out')
