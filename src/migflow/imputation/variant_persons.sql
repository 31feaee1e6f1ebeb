-- The persons of variant_links.
SELECT p.* EXCLUDE (person_id), l.person_id
FROM (SELECT DISTINCT person_id FROM variant_links) AS l
LEFT JOIN (SELECT DISTINCT variant, person_id FROM variants) AS v ON v.variant = l.person_id
INNER JOIN persons AS p ON p.person_id = coalesce(v.person_id, l.person_id)
