-- Persons whose account a draw changes, and those who ever share a home with them: how a household moves depends on all.
WITH changed AS (
    SELECT DISTINCT
        draw,
        person_id
    FROM changes
),

lived AS (
    SELECT
        c.draw,
        coalesce('dwelling ' || s.address_id, 'building ' || s.building_id) AS home
    FROM residence_spells AS s
    INNER JOIN changed AS c ON c.person_id = s.person_id
    UNION
    SELECT
        draw,
        coalesce('dwelling ' || address_id, 'building ' || building_id)
    FROM drawn_spells
),

housemates AS (
    SELECT
        l.draw,
        s.person_id
    FROM residence_spells AS s
    INNER JOIN lived AS l ON l.home = coalesce('dwelling ' || s.address_id, 'building ' || s.building_id)
)

SELECT
    draw,
    person_id,
    max(is_changed) AS is_changed
FROM (
    SELECT draw, person_id, TRUE AS is_changed FROM changed
    UNION ALL
    SELECT draw, person_id, FALSE FROM housemates
) AS found
GROUP BY draw, person_id
