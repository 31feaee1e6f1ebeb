-- Of the fitting movers the nearest in time: each record asks for one person, each person takes one record a draw.
-- Asked again, the others get others.
WITH asked AS (
    SELECT *
    FROM fitting_movers
    WHERE
        (draw, record) NOT IN (SELECT (draw, record) FROM known_movers)
        AND (draw, person_id) NOT IN (SELECT (draw, person_id) FROM known_movers)
    QUALIFY row_number() OVER (PARTITION BY draw, record ORDER BY days, luck, person_id) = 1
)

SELECT draw, record, person_id
FROM asked
QUALIFY row_number() OVER (PARTITION BY draw, person_id ORDER BY days, luck, record) = 1
