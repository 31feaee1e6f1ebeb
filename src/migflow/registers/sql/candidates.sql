-- Candidate pairs of statements still open and persons: blocking rules on birth date, names, number and places.
WITH asked AS (
    SELECT
        s.statement, s.number, s.first_name, s.surname, s.birth_date,
        first_names.initial AS first_initial, surnames.initial AS surname_initial
    FROM open_statements AS s
    JOIN spellings AS first_names ON first_names.code = s.first_name
    JOIN spellings AS surnames ON surnames.code = s.surname
),
dated AS (
    SELECT *, birth_date AS day FROM asked WHERE birth_date IS NOT NULL
    UNION ALL
    SELECT *, make_date(year(birth_date), CAST(day(birth_date) AS INTEGER), CAST(month(birth_date) AS INTEGER))
    FROM asked
    WHERE day(birth_date) <= 12 AND day(birth_date) <> month(birth_date)
),
blocked AS (
    SELECT s.statement, w.person
    FROM dated AS s
    JOIN writings AS w ON w.birth_date = s.day
    WHERE left(w.first_spelling, 1) IN (s.first_initial, s.surname_initial)
        OR left(w.surname_spelling, 1) IN (s.first_initial, s.surname_initial)
    UNION ALL
    SELECT s.statement, w.person
    FROM asked AS s
    JOIN writings AS w
        ON least(w.first_name, w.surname) = least(s.first_name, s.surname)
        AND greatest(w.first_name, w.surname) = greatest(s.first_name, s.surname)
    UNION ALL
    SELECT s.statement, w.person
    FROM asked AS s
    JOIN writings AS w
        ON w.surname = s.surname
        AND year(w.birth_date) = year(s.birth_date) AND month(w.birth_date) = month(s.birth_date)
    UNION ALL
    SELECT s.statement, w.person
    FROM asked AS s
    JOIN writings AS w
        ON w.surname = s.surname
        AND year(w.birth_date) = year(s.birth_date) AND day(w.birth_date) = day(s.birth_date)
    UNION ALL
    SELECT s.statement, w.person
    FROM asked AS s
    JOIN writings AS w
        ON w.first_name = s.first_name
        AND month(w.birth_date) = month(s.birth_date) AND day(w.birth_date) = day(s.birth_date)
    UNION ALL
    SELECT s.statement, w.person FROM asked AS s JOIN writings AS w ON w.number = s.number
    UNION ALL
    SELECT n.statement, w.person FROM near_numbers AS n JOIN writings AS w ON w.number = n.number
    UNION ALL
    SELECT s.statement, h.person
    FROM asked AS s
    JOIN stated AS p ON p.statement = s.statement AND p.kind IN ('dwelling', 'building', 'family')
    JOIN homes AS h ON h.kind = CASE p.kind WHEN 'family' THEN 'dwelling' ELSE p.kind END AND h.place = p.place
)
SELECT DISTINCT statement, person FROM blocked
ANTI JOIN excluded USING (statement, person)
