-- Records whose text leaves the building open and whose coordinates tell it: the nearest building within $near metres
-- that contradicts nothing that was read of the text, if every other such building is at least twice as far away.
WITH open_records AS (
    SELECT
        r.record_id, r.latitude, r.longitude, l.settlement_id, l.municipality, l.scope, l.street_name, l.house_number,
        l.dwelling IS NULL AS without_dwelling,
        EXISTS (
            SELECT 1 FROM street_matches AS s WHERE s.scope = l.scope AND s.name = l.street_name AND s.name <> ''
        ) AS street_known
    FROM written AS r
    JOIN located AS l ON l.address_key = r.address_key
    JOIN matched AS m
        ON m.address_key = r.address_key
        AND (NOT m.dated OR m.day IS NOT DISTINCT FROM r.day)
    WHERE m.building_id IS NULL AND r.latitude IS NOT NULL AND r.longitude IS NOT NULL
),
cells AS (
    SELECT *, floor(latitude * 1000) + unnest([-1, 0, 1]) AS north FROM open_records
),
around AS (
    SELECT *, floor(longitude * 1000) + unnest([-1, 0, 1]) AS east FROM cells
),
near AS (
    SELECT
        a.record_id,
        a.without_dwelling,
        d.building_id,
        d.settlement_id,
        d.municipality,
        d.address_id,
        sqrt(
            pow((a.latitude - d.latitude) * 111195, 2)
            + pow((a.longitude - d.longitude) * 111195 * cos(radians(a.latitude)), 2)
        ) AS metres
    FROM around AS a
    JOIN dwellings AS d ON floor(d.latitude * 1000) = a.north AND floor(d.longitude * 1000) = a.east
    JOIN doors AS o ON o.address_id = d.address_id
    LEFT JOIN street_matches AS s ON s.scope = a.scope AND s.name = a.street_name AND s.id = o.street_id
    WHERE
        coalesce(d.settlement_id = a.settlement_id, true)
        AND coalesce(d.municipality = a.municipality, true)
        AND coalesce(d.house_number = a.house_number, a.house_number IS NULL)
        AND (NOT a.street_known OR s.id IS NOT NULL)
),
buildings AS (
    SELECT
        record_id,
        without_dwelling,
        building_id,
        min(settlement_id) AS settlement_id,
        min(municipality) AS municipality,
        min(address_id) AS address_id,
        count(*) AS doors,
        min(metres) AS metres
    FROM near
    GROUP BY record_id, without_dwelling, building_id
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY record_id ORDER BY metres, building_id) AS place,
        lead(metres) OVER (PARTITION BY record_id ORDER BY metres, building_id) AS next_metres
    FROM buildings
)
SELECT
    record_id,
    CASE WHEN doors = 1 AND without_dwelling THEN 'dwelling' ELSE 'building' END AS grade,
    CASE WHEN doors = 1 AND without_dwelling THEN address_id END AS address_id,
    building_id,
    settlement_id,
    municipality,
    'coordinates: nearest building' AS reason
FROM ranked
WHERE place = 1 AND metres <= $near AND coalesce(next_metres >= 2 * metres, true)
