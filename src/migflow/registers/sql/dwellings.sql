SELECT
    c.address_id,
    c.building_id,
    c.municipality,
    c.municipality || ':' || settlements.folded AS settlement_id,
    settlements.folded AS settlement,
    second_settlements.folded AS settlement_second,
    streets.street,
    seconds.street AS street_second,
    numbers.number AS house_number,
    entrances.number AS entrance,
    doors.number AS dwelling,
    c.latitude,
    c.longitude,
    c.valid_from,
    c.valid_to
FROM cadastre AS c
JOIN settlement_texts AS settlements ON settlements.text = c.settlement_name
LEFT JOIN settlement_texts AS second_settlements ON second_settlements.text = c.settlement_name_second
LEFT JOIN street_texts AS streets ON streets.text = c.street_name
LEFT JOIN street_texts AS seconds ON seconds.text = c.street_name_second
LEFT JOIN number_texts AS numbers ON numbers.text = c.house_number
LEFT JOIN number_texts AS entrances ON entrances.text = c.entrance
LEFT JOIN number_texts AS doors ON doors.text = c.dwelling
