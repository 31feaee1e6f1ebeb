-- equal: migrants of all ages are the same by both definitions of age
SELECT
    ('immigration', time_period, sex, citizenship, previous_country) AS equation,
    cell,
    CASE WHEN agedef = 'REACH' THEN 1 ELSE -1 END AS coefficient
FROM immigration
UNION ALL
SELECT
    ('emigration', time_period, sex, citizenship, next_country),
    cell,
    CASE WHEN agedef = 'REACH' THEN 1 ELSE -1 END
FROM emigration
