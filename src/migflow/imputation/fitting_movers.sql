-- Records of unknown persons with everybody whose move is known but was not yet declared in this way.
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
WHERE d.person_id IS NULL
