-- The dwellings given, in the columns of the cadastre; without building ids, a number of a street is a building.
SELECT
    g.address_id,
    coalesce(
        g.building_id,
        concat_ws(
            '/', coalesce(m.code, ''), g.settlement, coalesce(g.street, ''), coalesce(g.house_number, g.address_id)
        )
    ) AS building_id,
    coalesce(m.code, '') AS municipality,
    g.settlement AS settlement_name,
    g.settlement_second AS settlement_name_second,
    g.street AS street_name,
    g.street_second AS street_name_second,
    g.house_number,
    g.entrance,
    g.dwelling,
    g.latitude,
    g.longitude,
    g.valid_from,
    g.valid_to
FROM dwellings_read AS g
LEFT JOIN municipality_codes AS m ON m.text = g.municipality
WHERE g.settlement IS NOT NULL
