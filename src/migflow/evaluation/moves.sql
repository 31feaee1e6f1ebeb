-- Moves of each type and year: published and true.
WITH counted AS (
    SELECT
        move_type,
        CAST(extract(YEAR FROM move_date) AS INTEGER) AS year,
        1 AS published,
        0 AS true_value
    FROM main.moves
    UNION ALL
    SELECT
        move_type,
        CAST(extract(YEAR FROM move_date) AS INTEGER),
        0,
        1
    FROM truth.moves
)

SELECT
    c.move_type,
    c.year,
    CAST(sum(c.published) AS BIGINT) AS published,
    CAST(sum(c.true_value) AS BIGINT) AS true_value
FROM counted AS c
INNER JOIN truth.accounting_years AS y ON y.year = c.year
GROUP BY c.move_type, c.year
ORDER BY c.move_type, c.year
