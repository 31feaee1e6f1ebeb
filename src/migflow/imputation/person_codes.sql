-- Persons as numbers.
SELECT
    row_number() OVER (ORDER BY person_id) - 1 AS code,
    person_id
FROM (
    SELECT person_id FROM candidates
    UNION
    SELECT person_id FROM person_links WHERE source = 'municipal_residence' AND person_id IS NOT NULL
) AS meant
