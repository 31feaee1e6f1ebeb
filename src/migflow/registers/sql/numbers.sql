-- Which numbers are trusted: those that keep their rule and stand for one person. A number of one digit repeated, or
-- one that more than five registry records carry, is what offices write where there is none.
WITH carried AS (
    SELECT c.number, count(DISTINCT w.record_id) AS records
    FROM registry_writings AS w
    JOIN checked_numbers AS c ON c.text = w.personal_number
    GROUP BY c.number
)
SELECT
    c.text,
    c.number,
    c.well_formed AND replace(c.number, left(c.number, 1), '') <> '' AND coalesce(carried.records, 0) <= 5 AS valid
FROM checked_numbers AS c
LEFT JOIN carried ON carried.number = c.number
