-- Records that a person gains or loses in a draw.
SELECT d.draw, d.source, d.record_id, l.person_id, FALSE AS gained
FROM link_draws AS d
INNER JOIN person_links AS l ON l.source = d.source AND l.record_id = d.record_id AND l.person_id IS NOT NULL
UNION ALL
SELECT draw, source, record_id, person_id, TRUE
FROM link_draws
WHERE person_id IS NOT NULL
