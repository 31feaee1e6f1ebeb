-- Names of streets in every language, present and former, inside each settlement and inside each municipality. The
-- empty name stands for the addresses of a village without street names.
WITH every_name AS (
    SELECT DISTINCT municipality, settlement_id, street_id, street AS name FROM doors
    UNION
    SELECT DISTINCT municipality, settlement_id, street_id, street_second FROM doors
    WHERE street_second <> '' OR street = ''
    UNION
    SELECT municipality, settlement_id, street_id, name FROM former_names
)
SELECT DISTINCT settlement_id AS scope, name, street_id AS id FROM every_name
UNION
SELECT DISTINCT municipality AS scope, name, street_id AS id FROM every_name WHERE name <> ''
