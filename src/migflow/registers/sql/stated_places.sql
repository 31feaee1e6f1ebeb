-- Every place that a declaration names as the person's new or former one, by kind.
WITH stated AS (
    SELECT s.statement, l.address_id, l.building_id, l.settlement_id, l.municipality
    FROM address_links AS l
    JOIN statements AS s
        ON s.source = l.source AND s.record_id = l.record_id AND s.reference_month = l.reference_month
    WHERE l.source = 'municipal_residence'
)
SELECT DISTINCT statement, 'dwelling' AS kind, address_id AS place FROM stated WHERE address_id IS NOT NULL
UNION ALL
SELECT DISTINCT statement, 'building', building_id FROM stated WHERE building_id IS NOT NULL
UNION ALL
SELECT DISTINCT statement, 'settlement', settlement_id FROM stated WHERE settlement_id IS NOT NULL
UNION ALL
SELECT DISTINCT statement, 'municipality', municipality FROM stated WHERE municipality IS NOT NULL
