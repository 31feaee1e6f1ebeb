-- Each record given, with the place its address was matched to, or found by its coordinates.
SELECT
    r.record_id,
    CASE WHEN p.record_id IS NULL THEN m.address_id ELSE p.address_id END AS address_id,
    coalesce(p.grade, m.grade) AS grade,
    CASE WHEN p.record_id IS NULL THEN m.score END AS score,
    coalesce(p.reason, m.reason) AS reason,
    coalesce(p.building_id, m.building_id) AS building_id,
    coalesce(p.settlement_id, m.settlement_id) AS settlement_id,
    coalesce(p.municipality, m.municipality) AS municipality
FROM written AS r
JOIN matched AS m
    ON m.address_key = r.address_key
    AND (NOT m.dated OR m.day IS NOT DISTINCT FROM r.day)
LEFT JOIN positioned AS p ON p.record_id = r.record_id
ORDER BY r.record_id
