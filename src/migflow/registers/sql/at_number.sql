-- Written addresses with a street and number of the cadastre: the addresses there that the entrance allows;
-- `buildings` and `streets` are 1, or 2 for several. With a day, only what stood on it, and of several streets those
-- that bore the name on it, as far as dates are known.
WITH fitting AS (
    SELECT
        a.address_key,
        a.day,
        d.address_id,
        d.building_id,
        d.settlement_id,
        d.street_id,
        m.score,
        CASE WHEN f.name IS NULL THEN m.how ELSE 'former name' END AS how,
        CASE
            WHEN a.day IS NULL OR coalesce(f.from_date, f.until_date) IS NULL THEN 1
            WHEN coalesce(f.from_date <= a.day, true) AND coalesce(f.until_date > a.day, true) THEN 2
            ELSE 0
        END AS in_force,
        a.dwelling IS NOT NULL AS names_dwelling,
        coalesce(a.dwelling = d.dwelling, false) AS same_dwelling,
        a.entrance IS NOT NULL AS names_entrance,
        coalesce(a.entrance = d.entrance, false) AS same_entrance
    FROM asked AS a
    JOIN street_matches AS m ON m.scope = a.scope AND m.name = a.street_name
    JOIN doors AS d
        ON d.street_id = m.id
        AND d.house_number = a.house_number
        AND (a.settlement_id IS NULL OR d.settlement_id = a.settlement_id)
    LEFT JOIN former_names AS f
        ON f.settlement_id = d.settlement_id AND f.street_id = m.id AND f.name = m.known
    WHERE
        a.day IS NULL
        OR (coalesce(d.valid_from <= a.day, true) AND coalesce(d.valid_to > a.day, true))
),
in_time AS (
    SELECT * FROM fitting WHERE day IS NULL
    UNION ALL
    SELECT * FROM fitting WHERE day IS NOT NULL
    QUALIFY in_force = max(in_force) OVER (PARTITION BY address_key, day)
),
narrowed AS (
    SELECT * FROM in_time WHERE NOT names_entrance
    UNION ALL
    SELECT * FROM in_time WHERE names_entrance
    QUALIFY same_entrance OR NOT bool_or(same_entrance) OVER (PARTITION BY address_key, day)
)
SELECT
    address_key,
    day,
    CASE WHEN min(building_id) = max(building_id) THEN 1 ELSE 2 END AS buildings,
    CASE WHEN min(street_id) = max(street_id) THEN 1 ELSE 2 END AS streets,
    count(*) AS doors,
    count(*) FILTER (WHERE same_dwelling) AS same_dwellings,
    any_value(names_dwelling) AS names_dwelling,
    min(building_id) AS building_id,
    min(settlement_id) AS settlement_id,
    min(street_id) AS street_id,
    min(address_id) AS address_id,
    min(address_id) FILTER (WHERE same_dwelling) AS same_address_id,
    min(building_id) FILTER (WHERE same_dwelling) AS same_building_id,
    min(settlement_id) FILTER (WHERE same_dwelling) AS same_settlement_id,
    min(score) AS score,
    min(how) AS how
FROM narrowed
GROUP BY address_key, day
