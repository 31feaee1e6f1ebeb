-- Registered addresses of one snapshot that its previous snapshot does not have for the same record.
SELECT
    'civil_registry_persons' AS source, p.record_id, p.reference_month, 'current' AS role,
    p.municipality, p.settlement, p.address, CAST(NULL AS VARCHAR) AS outside,
    coalesce(p.registered_since, last_day(CAST(p.reference_month || '-01' AS DATE))) AS day
FROM civil_registry_persons AS p
ANTI JOIN (SELECT * FROM civil_registry_persons WHERE reference_month = $previous) AS before
    ON before.record_id = p.record_id
    AND before.municipality = p.municipality
    AND before.settlement IS NOT DISTINCT FROM p.settlement
    AND before.address IS NOT DISTINCT FROM p.address
WHERE p.reference_month = $month
