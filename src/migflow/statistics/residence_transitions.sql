-- Residents of two 1 Januaries, one or five years apart, by where they lived on each.
WITH intervals AS (
    SELECT 1 AS years
    UNION ALL
    SELECT 5
),

spans AS (
    SELECT
        i.years,
        b.year AS first_year,
        e.year,
        e.obs_status
    FROM intervals AS i
    CROSS JOIN accounting_years AS b
    INNER JOIN accounting_years AS e ON e.year = b.year + i.years - 1
),

-- Pairs of spells of one person, and the years in which each holds on 1 January: counted before the days multiply them.
followed AS (
    SELECT
        p.sex,
        b.municipality AS origin,
        e.municipality AS destination,
        greatest(extract(YEAR FROM b.from_date) + 1, (SELECT min(year) FROM accounting_years)) AS origin_from,
        least(extract(YEAR FROM coalesce(b.to_date, DATE '9999-12-31')), (SELECT max(year) + 1 FROM accounting_years))
            AS origin_to,
        greatest(extract(YEAR FROM e.from_date) + 1, (SELECT min(year) FROM accounting_years)) AS destination_from,
        least(extract(YEAR FROM coalesce(e.to_date, DATE '9999-12-31')), (SELECT max(year) + 1 FROM accounting_years))
            AS destination_to,
        count(*) AS persons
    FROM residence_spells AS b
    INNER JOIN residence_spells AS e ON e.person_id = b.person_id AND e.spell_number >= b.spell_number
    INNER JOIN persons AS p ON p.person_id = b.person_id
    GROUP BY ALL
)

SELECT
    y.year AS time_period,
    'P' || CAST(y.years AS VARCHAR) || 'Y' AS observed_over,
    f.origin,
    f.destination,
    f.sex,
    CASE WHEN f.origin = f.destination THEN 'stayers' ELSE 'movers' END AS indicator,
    CAST(sum(f.persons) AS BIGINT) AS obs_value,
    'PS' AS unit_measure,
    y.obs_status
FROM followed AS f
INNER JOIN spans AS y
    ON
        y.first_year BETWEEN f.origin_from AND f.origin_to
        AND y.year + 1 BETWEEN f.destination_from AND f.destination_to
GROUP BY y.year, y.years, f.origin, f.destination, f.sex, y.obs_status
