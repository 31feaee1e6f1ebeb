SELECT
    w.source,
    w.record_id,
    w.reference_month,
    w.role,
    coalesce(m.grade, 'none') AS grade,
    m.municipality,
    m.settlement_id,
    m.building_id,
    m.address_id,
    m.score,
    coalesce(w.outside, m.reason) AS reason
FROM written AS w
LEFT JOIN addresses AS a
    ON w.outside IS NULL
    AND a.municipality IS NOT DISTINCT FROM w.municipality
    AND a.settlement IS NOT DISTINCT FROM w.settlement
    AND a.address IS NOT DISTINCT FROM w.address
LEFT JOIN matched AS m
    ON m.address_key = a.address_key
    AND (NOT m.dated OR m.day IS NOT DISTINCT FROM w.day)
