-- Written addresses by the grade they were matched at, against the true dwelling; one that the cadastre does not hold,
-- or that lies abroad, is never matched rightly.
WITH written AS (
    SELECT
        l.source,
        l.grade,
        l.municipality,
        l.settlement_id,
        l.building_id,
        l.address_id,
        CASE WHEN l.role = 'current' THEN t.address_id ELSE t.previous_address_id END AS true_address
    FROM address_links AS l
    INNER JOIN truth_records AS t
        ON t.source = l.source AND t.record_id = l.record_id AND t.reference_month = l.reference_month
)

SELECT
    w.source,
    w.grade,
    count(*) AS addresses,
    count(*) FILTER (WHERE w.address_id = d.address_id) AS right_dwelling,
    count(*) FILTER (WHERE w.building_id = d.building_id) AS right_building,
    count(*) FILTER (WHERE w.settlement_id = d.settlement_id) AS right_settlement,
    count(*) FILTER (WHERE w.municipality = d.municipality) AS right_municipality
FROM written AS w
LEFT JOIN dwellings AS d ON d.address_id = w.true_address
GROUP BY w.source, w.grade
ORDER BY
    w.source,
    CASE w.grade
        WHEN 'dwelling' THEN 1 WHEN 'building' THEN 2 WHEN 'street' THEN 3
        WHEN 'settlement' THEN 4 WHEN 'municipality' THEN 5 ELSE 6
    END
