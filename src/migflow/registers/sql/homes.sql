-- Every place at which the registry ever had each person, by kind.
WITH registered AS (
    SELECT a.person, l.address_id, l.building_id, l.settlement_id, l.municipality
    FROM address_links AS l
    JOIN registry_records AS r ON r.record_id = l.record_id
    JOIN anchors AS a ON a.record = r.record
    WHERE l.source = 'civil_registry_persons'
)
SELECT DISTINCT person, 'dwelling' AS kind, address_id AS place FROM registered WHERE address_id IS NOT NULL
UNION ALL
SELECT DISTINCT person, 'building', building_id FROM registered WHERE building_id IS NOT NULL
UNION ALL
SELECT DISTINCT person, 'settlement', settlement_id FROM registered WHERE settlement_id IS NOT NULL
UNION ALL
SELECT DISTINCT person, 'municipality', municipality FROM registered WHERE municipality IS NOT NULL
