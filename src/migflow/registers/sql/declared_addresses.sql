-- Addresses that municipal declarations name: the one declared, and the one moved from in its municipality.
SELECT
    'municipal_residence' AS source, record_id, reference_month, 'current' AS role,
    municipality, settlement, address, CAST(NULL AS VARCHAR) AS outside,
    event_date AS day
FROM municipal_residence
UNION ALL
SELECT
    'municipal_residence' AS source, record_id, reference_month, 'previous' AS role,
    CASE WHEN event_type = 'change_of_address' THEN m.municipality ELSE p.municipality END AS municipality,
    NULL AS settlement,
    previous_address AS address,
    CASE
        WHEN event_type = 'change_of_address' OR p.municipality IS NOT NULL THEN NULL
        WHEN p.country IS NOT NULL THEN 'moved from ' || p.country || ', no municipality named'
        -- The address itself may name the place.
        WHEN previous_place IS NULL AND previous_address IS NOT NULL THEN NULL
        WHEN previous_place IS NULL THEN 'no place written'
        ELSE 'place: ' || p.reason
    END AS outside,
    event_date - 1 AS day
FROM municipal_residence AS m
LEFT JOIN place_links AS p ON p.place = m.previous_place
WHERE previous_place IS NOT NULL OR previous_address IS NOT NULL
