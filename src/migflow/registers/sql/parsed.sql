-- Each distinct written address taken apart. A name without street type may be a settlement; area '' is the country.
SELECT
    a.address_key,
    coalesce(a.municipality, m.code, s.code) AS municipality,
    coalesce(a.municipality, m.code, s.code, '') AS area,
    -- A street named by its former name alone.
    coalesce(p.street, p.former_street) AS street,
    p.former_street,
    p.street_type IS NOT NULL OR (p.street IS NULL AND p.former_street IS NOT NULL) AS typed,
    p.number || coalesce(p.number_suffix, '') AS house_number,
    p.entrance,
    p.dwelling,
    nullif(t.folded, '') AS settlement,
    p.settlement AS settlement_in_address
FROM addresses AS a
LEFT JOIN address_parts AS p ON p.text = a.address
LEFT JOIN municipality_texts AS m ON m.text = p.municipality
LEFT JOIN municipality_texts AS s ON s.text = p.settlement
LEFT JOIN settlement_texts AS t ON t.text = a.settlement
