-- The cadastre's addresses with their street as a short id: a street of the municipality is its pair of names.
SELECT
    address_id, building_id, municipality, settlement_id, house_number, entrance, dwelling, valid_from, valid_to,
    CAST(dense_rank() OVER (ORDER BY municipality, coalesce(street, ''), coalesce(street_second, '')) AS VARCHAR)
        AS street_id,
    coalesce(street, '') AS street,
    coalesce(street_second, '') AS street_second
FROM dwellings
