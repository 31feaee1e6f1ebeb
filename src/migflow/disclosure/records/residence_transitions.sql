-- Residents of two 1 Januaries, one or five years apart.
WITH held AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        greatest(extract(YEAR FROM from_date) + 1, (SELECT min(year) FROM accounting_years)) AS first_year,
        least(extract(YEAR FROM coalesce(to_date, DATE '9999-12-31')), (SELECT max(year) + 1 FROM accounting_years))
            AS last_year
    FROM residence_spells
),

followed AS (
    SELECT
        i.years,
        b.person_id,
        b.municipality AS origin,
        e.municipality AS destination,
        unnest(generate_series(
            greatest(b.first_year, e.first_year - i.years), least(b.last_year, e.last_year - i.years)
        )) AS first_year
    FROM held AS b
    INNER JOIN held AS e ON e.person_id = b.person_id AND e.spell_number >= b.spell_number
    CROSS JOIN (VALUES (1), (5)) AS i (years)
)

SELECT
    f.first_year + f.years - 1 AS time_period,
    'P' || f.years || 'Y' AS observed_over,
    f.origin,
    f.destination,
    p.sex,
    CASE WHEN f.origin = f.destination THEN 'stayers' ELSE 'movers' END AS indicator,
    p.person_id
FROM followed AS f
INNER JOIN persons AS p ON p.person_id = f.person_id
