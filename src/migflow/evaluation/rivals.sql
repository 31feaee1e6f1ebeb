-- Other persons who may agree with a declaration as well as the true one does: they must have whatever field agrees
-- fully, and the first such field of number, birth date, dwellings and names leaves the fewest to compare.
WITH keyed AS (
    SELECT
        r.*,
        CASE
            WHEN a.number = 2 THEN 'number'
            WHEN a.birth_date = 2 THEN 'birth date'
            WHEN a.current_address = 4 THEN 'current'
            WHEN a.previous_address = 4 THEN 'previous'
            WHEN a.first_name_changes = 0 THEN 'first name'
            WHEN a.surname_changes = 0 THEN 'surname'
            ELSE 'none'
        END AS agrees
    FROM declared_rows AS r
    INNER JOIN own_agreement AS a ON a.record_id = r.record_id
),

called AS (
    SELECT person, first_name AS name FROM writings
    UNION
    SELECT person, surname FROM writings
),

met AS (
    SELECT k.record_id, k.person AS own, w.person
    FROM keyed AS k INNER JOIN writings AS w ON w.number = k.number WHERE k.agrees = 'number'
    UNION ALL
    SELECT k.record_id, k.person, w.person
    FROM keyed AS k INNER JOIN writings AS w ON w.birth_date = k.birth_date WHERE k.agrees = 'birth date'
    UNION ALL
    SELECT k.record_id, k.person, h.person
    FROM keyed AS k INNER JOIN homes AS h ON h.address_id = k.current_address WHERE k.agrees = 'current'
    UNION ALL
    SELECT k.record_id, k.person, h.person
    FROM keyed AS k INNER JOIN homes AS h ON h.address_id = k.previous_address WHERE k.agrees = 'previous'
    UNION ALL
    SELECT k.record_id, k.person, w.person
    FROM keyed AS k INNER JOIN called AS w ON w.name = k.first_name WHERE k.agrees = 'first name'
    UNION ALL
    SELECT k.record_id, k.person, w.person
    FROM keyed AS k INNER JOIN called AS w ON w.name = k.surname WHERE k.agrees = 'surname'
    UNION ALL
    SELECT k.record_id, k.person, w.person
    FROM keyed AS k CROSS JOIN writings AS w WHERE k.agrees = 'none'
)

SELECT DISTINCT record_id, person FROM met WHERE person <> own
