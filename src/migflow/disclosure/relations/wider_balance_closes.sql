-- equal: the population of a wider area at the end of the year is that at its start and what happened in between
SELECT
    (time_period, area) AS equation,
    cell,
    CASE WHEN component IN ('population_end', 'deaths', 'internal_out', 'emigration') THEN -1 ELSE 1 END AS coefficient
FROM population_balance_by_level
