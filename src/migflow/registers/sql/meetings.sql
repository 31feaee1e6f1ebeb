-- Where people of addresses with an unknown street, or with a dwelling that the street does not have, meet: streets of
-- the settlement (of the municipality, if none is written) at which the same resident has the same number and dwelling;
-- and where an address says both names itself. One row a written street, street of the cadastre and door, with the
-- number of residents that show it.
WITH placed AS (
    SELECT * FROM at_number WHERE NOT names_dwelling OR same_dwellings > 0
),
unknown AS (
    SELECT address_key, municipality, settlement_id, street_name, house_number, entrance, dwelling
    FROM located
    WHERE street_name <> '' AND house_number IS NOT NULL
    AND address_key NOT IN (SELECT address_key FROM placed)
),
known AS (
    SELECT l.address_key, l.municipality, n.settlement_id, n.street_id, l.house_number, l.entrance, l.dwelling
    FROM located AS l
    JOIN placed AS n USING (address_key)
    WHERE n.buildings = 1
),
sought AS (
    SELECT DISTINCT r.resident, u.* FROM unknown AS u JOIN residents AS r USING (address_key)
)
SELECT
    s.municipality,
    k.settlement_id,
    s.street_name,
    k.street_id,
    s.house_number,
    coalesce(s.entrance, k.entrance, '') AS entrance,
    coalesce(s.dwelling, k.dwelling, '') AS dwelling,
    count(DISTINCT s.resident) AS residents
FROM sought AS s
JOIN residents AS r ON r.resident = s.resident
JOIN known AS k
    ON k.address_key = r.address_key
    AND k.municipality = s.municipality
    AND k.house_number = s.house_number
    AND coalesce(k.settlement_id = s.settlement_id, true)
    AND coalesce(k.dwelling = s.dwelling, true)
    AND coalesce(k.entrance = s.entrance, true)
GROUP BY ALL
UNION ALL
SELECT DISTINCT
    l.municipality,
    n.settlement_id,
    l.former_street,
    n.street_id,
    l.house_number,
    coalesce(l.entrance, ''),
    coalesce(l.dwelling, ''),
    1
FROM located AS l
JOIN placed AS n USING (address_key)
WHERE n.buildings = 1 AND l.former_street <> l.street_name
