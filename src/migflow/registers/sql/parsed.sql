-- Each distinct written address taken apart. A name without street type may be a settlement; scope '' is the country.
SELECT
    a.address_key,
    a.municipality,
    coalesce(a.municipality, '') AS area,
    p.street,
    p.street_type IS NOT NULL AS typed,
    p.number || coalesce(p.number_suffix, '') AS house_number,
    p.entrance,
    p.dwelling,
    nullif(t.folded, '') AS settlement,
    p.settlement AS settlement_in_address
FROM addresses AS a
LEFT JOIN address_parts AS p ON p.text = a.address
LEFT JOIN settlement_texts AS t ON t.text = a.settlement
