-- The records given, each with its address.
SELECT r.record_id, a.address_key, r.day, r.household, r.latitude, r.longitude
FROM records_read AS r
LEFT JOIN municipality_codes AS m ON m.text = r.municipality
JOIN addresses AS a
    ON a.municipality IS NOT DISTINCT FROM m.code
    AND a.settlement IS NOT DISTINCT FROM r.settlement
    AND a.address IS NOT DISTINCT FROM r.address
