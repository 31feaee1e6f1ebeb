-- Numbers one digit, or one exchange of neighbours, away from the number written in a statement still open.
WITH places AS (
    SELECT statement, written_number AS number, unnest(range(1, length(written_number) + 1)) AS place
    FROM open_statements
    WHERE written_number IS NOT NULL
)
SELECT statement, left(number, place - 1) || digit || substr(number, place + 1) AS number
FROM places CROSS JOIN (SELECT CAST(unnest(range(10)) AS VARCHAR) AS digit)
WHERE substr(number, place, 1) <> digit
UNION
SELECT
    statement,
    left(number, place - 1) || substr(number, place + 1, 1) || substr(number, place, 1) || substr(number, place + 2)
FROM places
WHERE place < length(number)
