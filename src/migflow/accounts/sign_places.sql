-- Spells, or parts of them, in which signs of life place the person in another municipality. Rule S10 of docs/methods.md.
WITH homes AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        from_date,
        coalesce(to_date, DATE '9999-12-31') AS to_date,
        lead(from_date, 1, DATE '9999-12-31') OVER (PARTITION BY person_id ORDER BY from_date) AS until
    FROM residence_spells
),

-- Signs since a spell began and before the next one: who has come back unregistered shows them after its end.
told AS (
    SELECT
        s.person_id,
        h.spell_number,
        s.municipality,
        s.municipality = h.municipality AS is_registered,
        s.year
    FROM signs_of_life AS s
    INNER JOIN homes AS h ON h.person_id = s.person_id AND s.last_day >= h.from_date AND s.last_day < h.until
    WHERE s.municipality IS NOT NULL AND s.sign IN ('education', 'benefit', 'health', 'document', 'act')
),

counted AS (
    SELECT
        person_id,
        spell_number,
        municipality
    FROM told
    WHERE NOT is_registered
    GROUP BY person_id, spell_number, municipality
    HAVING count(*) >= 2
    QUALIFY row_number() OVER (PARTITION BY person_id, spell_number ORDER BY count(*) DESC, municipality) = 1
),

by_year AS (
    SELECT
        c.person_id,
        c.spell_number,
        c.municipality,
        t.year,
        count(*) FILTER (WHERE NOT t.is_registered) AS signs,
        count(*) FILTER (WHERE t.is_registered) AS as_registered
    FROM counted AS c
    INNER JOIN told AS t
        ON
            t.person_id = c.person_id AND t.spell_number = c.spell_number
            AND (t.is_registered OR t.municipality = c.municipality)
    GROUP BY c.person_id, c.spell_number, c.municipality, t.year
),

-- Every part that begins or ends with the spell.
parts AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        year AS first_year,
        NULL AS last_year,
        sum(signs) OVER since AS signs,
        sum(as_registered) OVER since AS as_registered,
        row_number() OVER (PARTITION BY person_id, spell_number ORDER BY year) = 1 AS is_everywhere
    FROM by_year
    WINDOW since AS (PARTITION BY person_id, spell_number ORDER BY year DESC)
    UNION ALL
    SELECT
        person_id,
        spell_number,
        municipality,
        NULL,
        year,
        sum(signs) OVER through,
        sum(as_registered) OVER through,
        FALSE
    FROM by_year
    WINDOW through AS (PARTITION BY person_id, spell_number ORDER BY year)
),

-- The part in which most more signs name the other municipality than the registered one; of equals the longest.
chosen AS (
    SELECT *
    FROM parts
    WHERE signs >= 2 AND signs > 3 * as_registered
    QUALIFY row_number() OVER (
        PARTITION BY person_id, spell_number
        ORDER BY signs - as_registered DESC, is_everywhere DESC, signs DESC, last_year DESC, first_year
    ) = 1
)

SELECT
    c.person_id,
    c.spell_number,
    c.municipality,
    CASE
        WHEN c.is_everywhere OR c.first_year IS NULL THEN h.from_date
        -- Nobody has lived there in between: the part after the end of a spell begins with it.
        ELSE greatest(h.from_date, least(h.to_date, make_date(c.first_year, 7, 1)))
    END AS from_date,
    nullif(least(h.until, coalesce(make_date(c.last_year, 7, 1), h.until)), DATE '9999-12-31') AS to_date,
    c.signs,
    c.as_registered
FROM chosen AS c
INNER JOIN homes AS h ON h.person_id = c.person_id AND h.spell_number = c.spell_number
WHERE c.last_year IS NULL OR make_date(c.last_year, 7, 1) > h.from_date
