-- Former names of streets that the profile knows, each with the cadastre's street it means; none where it has no such.
WITH streets AS (
    SELECT DISTINCT
        d.municipality, d.settlement_id, d.settlement, d.settlement_second,
        o.street_id, o.street, o.street_second
    FROM dwellings AS d
    JOIN doors AS o USING (address_id)
    WHERE o.street <> '' OR o.street_second <> ''
)
SELECT
    f.municipality,
    f.settlement,
    s.settlement_id,
    f.former_name AS name,
    f.current_name,
    s.street_id,
    min(f.from_date) AS from_date,
    max(f.until_date) AS until_date,
    'profile' AS basis,
    CAST(NULL AS BIGINT) AS households
FROM former_streets AS f
LEFT JOIN streets AS s
    ON s.municipality = f.municipality
    AND (f.settlement = '' OR f.settlement = s.settlement OR f.settlement = s.settlement_second)
    AND (f.current_name = s.street OR f.current_name = s.street_second)
GROUP BY ALL
