-- The grade of each address asked for.
WITH on_street AS (
    SELECT
        a.address_key,
        a.day,
        count(DISTINCT s.scope) AS settlements,
        count(DISTINCT m.id) AS named_streets,
        min(s.scope) AS settlement_id,
        min(m.score) AS score
    FROM asked AS a
    JOIN street_matches AS m ON m.scope = a.scope AND m.name = a.street_name AND m.name <> ''
    JOIN (SELECT DISTINCT settlement_id AS scope, street_id FROM doors) AS s
        ON s.street_id = m.id AND (a.settlement_id IS NULL OR s.scope = a.settlement_id)
    GROUP BY a.address_key, a.day
),
graded AS (
    SELECT
        a.*,
        n.* EXCLUDE (address_key, day, settlement_id, score),
        n.settlement_id AS door_settlement_id,
        n.score AS door_score,
        o.settlements,
        o.named_streets,
        o.settlement_id AS street_settlement_id,
        o.score AS street_score,
        CASE
            WHEN n.same_dwellings = 1 THEN 'dwelling'
            WHEN n.buildings = 1 AND n.doors = 1 AND NOT n.names_dwelling THEN 'dwelling'
            WHEN n.buildings = 1 THEN 'building'
            WHEN o.settlements = 1 AND (o.named_streets = 1 OR n.streets = 1) THEN 'street'
            WHEN a.settlement_id IS NOT NULL THEN 'settlement'
            WHEN a.municipality IS NOT NULL THEN 'municipality'
            ELSE 'none'
        END AS grade
    FROM asked AS a
    LEFT JOIN at_number AS n ON n.address_key = a.address_key AND n.day IS NOT DISTINCT FROM a.day
    LEFT JOIN on_street AS o ON o.address_key = a.address_key AND o.day IS NOT DISTINCT FROM a.day
)
SELECT
    address_key,
    dated,
    day,
    grade,
    municipality,
    CASE grade
        WHEN 'dwelling' THEN coalesce(same_settlement_id, door_settlement_id)
        WHEN 'building' THEN door_settlement_id
        WHEN 'street' THEN street_settlement_id
        WHEN 'settlement' THEN settlement_id
    END AS settlement_id,
    CASE grade
        WHEN 'dwelling' THEN coalesce(same_building_id, building_id)
        WHEN 'building' THEN building_id
    END AS building_id,
    CASE WHEN grade = 'dwelling' THEN coalesce(same_address_id, address_id) END AS address_id,
    CASE
        WHEN grade IN ('dwelling', 'building') THEN door_score
        WHEN grade = 'street' THEN street_score
        WHEN grade = 'settlement' THEN settlement_score
    END AS score,
    CASE
        WHEN grade = 'dwelling' AND same_dwellings = 1 THEN how || ': street, number and dwelling'
        WHEN grade = 'dwelling' THEN how || ': the only address at street and number'
        WHEN grade = 'building' AND NOT names_dwelling THEN how || ': no dwelling written'
        WHEN grade = 'building' AND same_dwellings > 1 THEN how || ': dwelling number in several entrances'
        WHEN grade = 'building' THEN how || ': dwelling not in the cadastre'
        WHEN grade = 'none' THEN 'no municipality'
        WHEN streets > 1 THEN 'ambiguous: number in several streets of that name'
        WHEN buildings > 1 THEN 'ambiguous: several buildings at street and number'
        WHEN settlements > 1 THEN 'ambiguous: street in several settlements'
        WHEN named_streets > 1 THEN 'ambiguous: several streets of that name'
        WHEN grade = 'street' AND house_number IS NULL THEN 'no house number written'
        WHEN grade = 'street' THEN 'house number not in the cadastre'
        WHEN street_name = '' AND house_number IS NULL THEN 'no street or house number written'
        WHEN street_name = '' THEN 'house number not in the cadastre'
        ELSE 'street not in the cadastre'
    END AS reason
FROM graded
