-- Records of unknown persons with somebody whose move is known but was not yet declared in this way, the nearest in
-- time first: each record asks for one person, each person takes one record a draw. Asked again, the others get others.
WITH fitting AS (
    SELECT
        u.draw,
        u.record,
        m.person_id,
        abs(m.move_date - u.event_date) AS days,
        hash(m.person_id || '|' || u.record || '|' || u.draw || '|' || $seed) AS luck
    FROM unknown AS u
    INNER JOIN moves AS m
        ON
            m.origin = u.origin AND (m.destination = u.destination OR u.bound_anywhere)
            AND m.move_type = 'between_municipalities'
            AND m.move_date BETWEEN u.event_date - INTERVAL 60 DAY AND u.event_date + INTERVAL 60 DAY
    INNER JOIN persons AS p ON p.person_id = m.person_id AND coalesce(p.sex = u.sex, TRUE)
    LEFT JOIN declared_residence AS d
        ON
            d.person_id = m.person_id AND d.kind = u.kind AND d.declared_at = u.declared_at
            AND d.statement_date BETWEEN u.event_date - INTERVAL 60 DAY AND u.event_date + INTERVAL 60 DAY
    WHERE
        d.person_id IS NULL
        AND (u.draw, u.record) NOT IN (SELECT (draw, record) FROM known_movers)
        AND (u.draw, m.person_id) NOT IN (SELECT (draw, person_id) FROM known_movers)
),

asked AS (
    SELECT *
    FROM fitting
    QUALIFY row_number() OVER (PARTITION BY draw, record ORDER BY days, luck, person_id) = 1
)

SELECT draw, record, person_id
FROM asked
QUALIFY row_number() OVER (PARTITION BY draw, person_id ORDER BY days, luck, record) = 1
