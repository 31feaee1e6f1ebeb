-- immigration: both definitions of age count the same migrants, as does emigration
SELECT
    direction,
    time_period,
    sex
FROM (
    SELECT
        'immigration' AS direction,
        time_period,
        sex,
        agedef,
        obs_value
    FROM immigration
    UNION ALL
    SELECT
        'emigration',
        time_period,
        sex,
        agedef,
        obs_value
    FROM emigration
) AS migrants
GROUP BY direction, time_period, sex
HAVING sum(CASE WHEN agedef = 'REACH' THEN obs_value ELSE -obs_value END) <> 0
