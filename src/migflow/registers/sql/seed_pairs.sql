-- Pairs that agree in the valid personal number, or in both names and the birth date.
WITH agreeing AS (
    SELECT s.statement, w.writing, w.person
    FROM open_statements AS s
    JOIN writings AS w ON w.number = s.number
    UNION
    SELECT s.statement, w.writing, w.person
    FROM open_statements AS s
    JOIN writings AS w
        ON w.birth_date = s.birth_date AND w.first_name = s.first_name AND w.surname = s.surname
)
SELECT * FROM agreeing ANTI JOIN excluded USING (statement, person)
