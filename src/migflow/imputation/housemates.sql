-- Persons whose account a draw does not change, but who ever share a home with one whose account it does.
WITH homes AS (
    -- The dwelling, or the building where it is not known.
    SELECT
        person_id,
        CASE WHEN address_id IS NULL THEN hash('building', building_id) ELSE hash('dwelling', address_id) END AS home
    FROM residence_spells
    WHERE address_id IS NOT NULL OR building_id IS NOT NULL
),

changed_homes AS (
    SELECT DISTINCT
        abs(draw) AS draw,
        CASE WHEN address_id IS NULL THEN hash('building', building_id) ELSE hash('dwelling', address_id) END AS home
    FROM changed_spells
    WHERE address_id IS NOT NULL OR building_id IS NOT NULL
)

SELECT DISTINCT
    c.draw,
    h.person_id
FROM homes AS h
INNER JOIN changed_homes AS c ON c.home = h.home
ANTI JOIN changed_persons AS p ON p.draw = c.draw AND p.person_id = h.person_id
