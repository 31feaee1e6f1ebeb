-- Spells, or parts of them, in which signs of life place the person in another municipality. Rule S10 of docs/methods.md.
WITH told AS (
    SELECT
        s.person_id,
        r.spell_number,
        s.municipality,
        s.municipality = r.municipality AS is_registered,
        s.year
    FROM signs_of_life AS s
    INNER JOIN residence_spells AS r
        ON r.person_id = s.person_id AND s.last_day >= r.from_date AND (r.to_date IS NULL OR s.last_day < r.to_date)
    WHERE s.municipality IS NOT NULL AND s.sign IN ('education', 'benefit', 'health', 'document', 'act')
),

counted AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        count(*) AS signs,
        min(year) AS first_year,
        max(year) AS last_year
    FROM told
    WHERE NOT is_registered
    GROUP BY person_id, spell_number, municipality
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY person_id, spell_number ORDER BY signs DESC, municipality) AS rank_of_place
    FROM counted
    WHERE signs >= 2
),

-- Of the signs in the registered municipality, those after the first and before the last sign elsewhere.
compared AS (
    SELECT
        p.person_id,
        p.spell_number,
        p.municipality,
        p.signs,
        p.first_year,
        p.last_year,
        count(t.year) AS as_registered,
        count(t.year) FILTER (WHERE t.year > p.first_year) AS registered_after,
        count(t.year) FILTER (WHERE t.year < p.last_year) AS registered_before
    FROM ranked AS p
    LEFT JOIN told AS t ON t.person_id = p.person_id AND t.spell_number = p.spell_number AND t.is_registered
    WHERE p.rank_of_place = 1
    GROUP BY p.person_id, p.spell_number, p.municipality, p.signs, p.first_year, p.last_year
),

dated AS (
    SELECT
        c.*,
        r.from_date AS spell_from,
        r.to_date AS spell_to,
        c.signs > 3 * c.as_registered AS is_everywhere,
        c.registered_after = 0 AS is_later,
        c.registered_before = 0 AS is_earlier
    FROM compared AS c
    INNER JOIN residence_spells AS r ON r.person_id = c.person_id AND r.spell_number = c.spell_number
),

parts AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        signs,
        as_registered,
        spell_from,
        spell_to,
        CASE
            WHEN is_everywhere OR NOT is_later THEN spell_from
            ELSE greatest(spell_from, make_date(first_year, 7, 1))
        END AS from_date,
        CASE
            WHEN is_everywhere OR is_later THEN spell_to
            ELSE least(coalesce(spell_to, DATE '9999-12-31'), make_date(last_year, 7, 1))
        END AS to_date
    FROM dated
    WHERE is_everywhere OR is_later OR is_earlier
)

SELECT
    person_id,
    spell_number,
    municipality,
    from_date,
    to_date,
    signs,
    as_registered
FROM parts
WHERE to_date IS NULL OR to_date > from_date
