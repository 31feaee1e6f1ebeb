-- Registry rows of the variants, as far as accounts read them; and of each provider and municipality the newest month,
-- which rule R5 asks for.
SELECT
    r.reference_month,
    r.record_id,
    r.provider,
    r.municipality,
    r.registered_since
FROM civil_registry_persons AS r
SEMI JOIN variant_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
UNION ALL BY NAME
SELECT
    provider,
    municipality,
    max(reference_month) AS reference_month
FROM civil_registry_persons
GROUP BY provider, municipality
