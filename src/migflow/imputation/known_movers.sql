-- A record of an unknown person goes first to somebody whose move is known but was not yet declared in this way:
-- those who fit are paired off at random, each with one record a draw.
WITH fitting AS (
    SELECT
        u.draw,
        u.record,
        m.person_id,
        hash(m.person_id || '|' || u.record || '|' || u.draw || '|' || $seed) AS luck
    FROM unknown AS u
    INNER JOIN moves AS m
        ON
            m.origin = u.origin AND (m.destination = u.destination OR u.bound_anywhere) AND m.move_type = 'between_municipalities'
            AND m.move_date BETWEEN u.event_date - INTERVAL 60 DAY AND u.event_date + INTERVAL 12 MONTH
    INNER JOIN persons AS p
        ON p.person_id = m.person_id AND p.sex = u.sex AND coalesce(p.birth_date = u.birth_date, TRUE)
    LEFT JOIN declared_residence AS d
        ON
            d.person_id = m.person_id AND d.kind = u.kind AND d.declared_at = u.declared_at
            AND d.statement_date BETWEEN u.event_date - INTERVAL 12 MONTH AND u.event_date + INTERVAL 12 MONTH
    WHERE d.person_id IS NULL
),

chosen AS (
    SELECT *
    FROM fitting
    QUALIFY row_number() OVER (PARTITION BY draw, record ORDER BY luck, person_id) = 1
)

SELECT draw, record, person_id
FROM chosen
QUALIFY row_number() OVER (PARTITION BY draw, person_id ORDER BY luck, record) = 1
