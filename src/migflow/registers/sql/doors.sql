-- The cadastre's addresses with their street as an id: a street of the municipality is its pair of names.
SELECT
    address_id, building_id, municipality, settlement_id, house_number, entrance, dwelling, valid_from, valid_to,
    municipality || ':' || coalesce(street, '') || ':' || coalesce(street_second, '') AS street_id,
    coalesce(street, '') AS street,
    coalesce(street_second, '') AS street_second
FROM dwellings
