-- Persons whose account a draw does not change, but who ever share a home with one whose account it does.
WITH spells AS (
    SELECT
        NULL AS draw,
        person_id,
        address_id,
        building_id
    FROM residence_spells
    UNION ALL
    SELECT
        abs(draw),
        NULL,
        address_id,
        building_id
    FROM changed_spells
),

homes AS (
    -- The dwelling, or the building where it is not known.
    SELECT
        draw,
        person_id,
        CASE WHEN address_id IS NULL THEN hash('building', building_id) ELSE hash('dwelling', address_id) END AS home
    FROM spells
    WHERE address_id IS NOT NULL OR building_id IS NOT NULL
)

SELECT DISTINCT
    c.draw,
    h.person_id
FROM homes AS h
INNER JOIN homes AS c ON c.home = h.home AND c.draw IS NOT NULL
ANTI JOIN changed_persons AS p ON p.draw = c.draw AND p.person_id = h.person_id
WHERE h.draw IS NULL
