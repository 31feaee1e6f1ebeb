-- Residents of two 1 Januaries, one or five years apart, by where they lived on each.
WITH intervals AS (
    SELECT 1 AS years
    UNION ALL
    SELECT 5
),

spans AS (
    SELECT
        i.years,
        b.from_day,
        e.to_day,
        e.year,
        e.obs_status
    FROM intervals AS i
    CROSS JOIN accounting_years AS b
    INNER JOIN accounting_years AS e ON e.year = b.year + i.years - 1
),

-- Pairs of spells of one person come before the days: there are far fewer of them than of persons on days.
followed AS (
    SELECT
        p.sex,
        b.municipality AS origin,
        e.municipality AS destination,
        b.from_date AS origin_from,
        coalesce(b.to_date, DATE '9999-12-31') AS origin_to,
        e.from_date AS destination_from,
        coalesce(e.to_date, DATE '9999-12-31') AS destination_to
    FROM residence_spells AS b
    INNER JOIN residence_spells AS e ON e.person_id = b.person_id AND e.spell_number >= b.spell_number
    INNER JOIN persons AS p ON p.person_id = b.person_id
)

SELECT
    y.year AS time_period,
    'P' || CAST(y.years AS VARCHAR) || 'Y' AS observed_over,
    f.origin,
    f.destination,
    f.sex,
    CASE WHEN f.origin = f.destination THEN 'stayers' ELSE 'movers' END AS indicator,
    count(*) AS obs_value,
    'PS' AS unit_measure,
    y.obs_status
FROM followed AS f
INNER JOIN spans AS y
    ON
        f.origin_from < y.from_day AND f.origin_to >= y.from_day
        AND f.destination_from < y.to_day AND f.destination_to >= y.to_day
GROUP BY y.year, y.years, f.origin, f.destination, f.sex, y.obs_status
