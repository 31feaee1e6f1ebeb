-- Candidate pairs of the exact pass: both names, in either order, and the birth date; sex does not contradict.
SELECT
    s.statement, i.person,
    s.first_name, s.surname, i.first_name AS person_first_name, i.surname AS person_surname,
    1.0 AS birth
FROM open_statements AS s
JOIN identities AS i
    ON i.birth_date = s.birth_date
    AND least(i.first_name, i.surname) = least(s.first_name, s.surname)
    AND greatest(i.first_name, i.surname) = greatest(s.first_name, s.surname)
WHERE s.sex IS NULL OR s.sex = i.sex
