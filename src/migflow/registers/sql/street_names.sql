-- Names of streets in every language, inside each settlement and inside each municipality. The empty name stands
-- for the addresses of a village without street names.
WITH both_names AS (
    SELECT DISTINCT municipality, settlement_id, street_id, street AS name FROM doors
    UNION
    SELECT DISTINCT municipality, settlement_id, street_id, street_second FROM doors
    WHERE street_second <> '' OR street = ''
)
SELECT DISTINCT settlement_id AS scope, name, street_id AS id FROM both_names
UNION
SELECT DISTINCT municipality AS scope, name, street_id AS id FROM both_names WHERE name <> ''
