-- Candidate pairs of the number pass: the same valid personal number.
SELECT
    s.statement, i.person,
    s.first_name, s.surname, i.first_name AS person_first_name, i.surname AS person_surname,
    CASE
        WHEN s.birth_date IS NULL THEN NULL
        WHEN s.birth_date = i.birth_date THEN 1.0
        WHEN strftime(s.birth_date, '%Y%d%m') = strftime(i.birth_date, '%Y%m%d') THEN $swapped
        ELSE 0.0
    END AS birth
FROM open_statements AS s
JOIN identities AS i ON i.number = s.number
