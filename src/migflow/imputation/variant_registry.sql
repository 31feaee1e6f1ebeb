-- Registry rows of the variants; and of each provider and municipality the newest month, which rule R5 asks for.
SELECT r.*
FROM civil_registry_persons AS r
SEMI JOIN variant_links AS l ON l.source = 'civil_registry_persons' AND l.record_id = r.record_id
UNION ALL BY NAME
SELECT
    provider,
    municipality,
    max(reference_month) AS reference_month
FROM civil_registry_persons
GROUP BY provider, municipality
