-- Names of streets in every language, inside each settlement and inside each municipality. The empty name stands
-- for the addresses of a village without street names.
WITH both_names AS (
    SELECT DISTINCT municipality, settlement_id, street_id, street AS name FROM doors
    UNION
    SELECT DISTINCT municipality, settlement_id, street_id, street_second FROM doors
    WHERE street_second <> '' OR street = ''
)
SELECT DISTINCT b.settlement_id AS scope, s.spelling AS name, b.street_id AS id
FROM both_names AS b JOIN spellings AS s ON s.text = b.name
UNION
SELECT DISTINCT b.municipality AS scope, s.spelling AS name, b.street_id AS id
FROM both_names AS b JOIN spellings AS s ON s.text = b.name
WHERE b.name <> ''
