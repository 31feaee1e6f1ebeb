-- Written addresses with a street and number of the cadastre: the addresses there that the entrance allows;
-- `buildings` is 1, or 2 for several.
WITH fitting AS (
    SELECT
        l.address_key,
        d.address_id,
        d.building_id,
        d.settlement_id,
        m.score,
        m.how,
        l.dwelling IS NOT NULL AS names_dwelling,
        coalesce(l.dwelling = d.dwelling, false) AS same_dwelling,
        l.entrance IS NOT NULL AS names_entrance,
        coalesce(l.entrance = d.entrance, false) AS same_entrance
    FROM located AS l
    JOIN street_matches AS m ON m.scope = l.scope AND m.name = l.street_name
    JOIN doors AS d
        ON d.street_id = m.id
        AND d.house_number = l.house_number
        AND (l.settlement_id IS NULL OR d.settlement_id = l.settlement_id)
),
narrowed AS (
    SELECT * FROM fitting WHERE NOT names_entrance
    UNION ALL
    SELECT * FROM fitting WHERE names_entrance
    QUALIFY same_entrance OR NOT bool_or(same_entrance) OVER (PARTITION BY address_key)
)
SELECT
    address_key,
    CASE WHEN min(building_id) = max(building_id) THEN 1 ELSE 2 END AS buildings,
    count(*) AS doors,
    count(*) FILTER (WHERE same_dwelling) AS same_dwellings,
    any_value(names_dwelling) AS names_dwelling,
    min(building_id) AS building_id,
    min(settlement_id) AS settlement_id,
    min(address_id) AS address_id,
    min(address_id) FILTER (WHERE same_dwelling) AS same_address_id,
    min(building_id) FILTER (WHERE same_dwelling) AS same_building_id,
    min(settlement_id) FILTER (WHERE same_dwelling) AS same_settlement_id,
    min(score) AS score,
    min(how) AS how
FROM narrowed
GROUP BY address_key
