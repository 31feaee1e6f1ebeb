-- The distinct addresses of the records given.
SELECT row_number() OVER (ORDER BY municipality, settlement, address) AS address_key, *
FROM (
    SELECT DISTINCT m.code AS municipality, r.settlement, r.address
    FROM records_read AS r
    LEFT JOIN municipality_codes AS m ON m.text = r.municipality
)
