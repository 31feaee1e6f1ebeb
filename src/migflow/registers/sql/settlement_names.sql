-- Names of each settlement in every language, inside its municipality and, under the scope '', in the whole country.
WITH named AS (
    SELECT DISTINCT municipality, settlement_id, settlement AS name FROM dwellings
    UNION
    SELECT DISTINCT municipality, settlement_id, settlement_second FROM dwellings WHERE settlement_second <> ''
)
SELECT municipality AS scope, name, settlement_id AS id FROM named
UNION
SELECT '' AS scope, name, settlement_id AS id FROM named
