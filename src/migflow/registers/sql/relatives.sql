-- Shares of persons who live, or lived, with another person of the same surname; and of the same day of birth.
WITH asked AS (
    SELECT DISTINCT person FROM homes WHERE kind = 'dwelling' AND person % greatest(1, $persons // 20000) = 0
),
lived AS (
    SELECT DISTINCT a.person, other.person AS other
    FROM asked AS a
    JOIN homes AS h ON h.person = a.person AND h.kind = 'dwelling'
    JOIN homes AS other ON other.kind = 'dwelling' AND other.place = h.place AND other.person <> a.person
),
alike AS (
    SELECT
        a.person,
        bool_or(w.surname = v.surname) AS same_surname,
        bool_or(w.birth_date = v.birth_date) AS same_day
    FROM asked AS a
    LEFT JOIN lived AS l ON l.person = a.person
    LEFT JOIN writings AS w ON w.person = a.person
    LEFT JOIN writings AS v ON v.person = l.other
    GROUP BY a.person
)
SELECT
    count(*) AS persons,
    count(*) FILTER (WHERE same_surname) AS same_surname,
    count(*) FILTER (WHERE same_day) AS same_day
FROM alike
