-- Which numbers are trusted: those that keep their rule and stand for one person. A number of one digit repeated, or
-- one that more than five registry records carry, is what offices write where there is none; any other is `written`.
WITH carried AS (
    SELECT c.number, count(DISTINCT w.record_id) AS records
    FROM registry_writings AS w
    JOIN checked_numbers AS c ON c.text = w.personal_number
    GROUP BY c.number
),
meant AS (
    SELECT
        c.text,
        c.number,
        c.well_formed,
        replace(c.number, left(c.number, 1), '') <> '' AND coalesce(carried.records, 0) <= 5 AS means_one
    FROM checked_numbers AS c
    LEFT JOIN carried ON carried.number = c.number
)
SELECT text, number, well_formed AND means_one AS valid, CASE WHEN means_one THEN number END AS written FROM meant
