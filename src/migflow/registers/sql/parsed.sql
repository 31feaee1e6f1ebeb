-- Each distinct written address taken apart; names by spelling. A name without street type may be a settlement.
SELECT
    a.address_key,
    a.municipality,
    streets.spelling AS street,
    p.street_type IS NOT NULL AS typed,
    p.number || coalesce(p.number_suffix, '') AS house_number,
    p.entrance,
    p.dwelling,
    columns.spelling AS settlement,
    inside.spelling AS settlement_in_address
FROM addresses AS a
LEFT JOIN address_parts AS p ON p.text = a.address
LEFT JOIN settlement_texts AS columns ON columns.text = a.settlement AND columns.folded <> ''
LEFT JOIN spellings AS inside ON inside.text = p.settlement
LEFT JOIN spellings AS streets ON streets.text = p.street
