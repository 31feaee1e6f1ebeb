-- Candidate pairs of the fuzzy pass: the birth date, or the birth date with day and month swapped, and one
-- initial in common in either order; sex does not contradict.
WITH dated AS (
    SELECT *, birth_date AS day, 1.0 AS birth FROM open_statements
    UNION ALL
    SELECT
        *,
        make_date(year(birth_date), CAST(day(birth_date) AS INTEGER), CAST(month(birth_date) AS INTEGER)) AS day,
        $swapped AS birth
    FROM open_statements
    WHERE day(birth_date) <= 12 AND day(birth_date) <> month(birth_date)
)
SELECT DISTINCT
    s.statement, i.person,
    s.first_name, s.surname, i.first_name AS person_first_name, i.surname AS person_surname,
    s.birth
FROM dated AS s
JOIN identities AS i ON i.birth_date = s.day
JOIN spellings AS sf ON sf.code = s.first_name
JOIN spellings AS ss ON ss.code = s.surname
JOIN spellings AS pf ON pf.code = i.first_name
JOIN spellings AS ps ON ps.code = i.surname
WHERE (s.sex IS NULL OR s.sex = i.sex)
    AND (sf.initial IN (pf.initial, ps.initial) OR ss.initial IN (pf.initial, ps.initial))
