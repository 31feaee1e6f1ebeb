-- Candidates of each uncertain record as numbers, the likeliest in place 0.
SELECT
    r.record,
    p.code,
    c.probability,
    row_number() OVER (PARTITION BY r.record ORDER BY c.probability DESC, c.person_id) - 1 AS place
FROM candidates AS c
INNER JOIN uncertain_records AS r ON r.source = c.source AND r.record_id = c.record_id
INNER JOIN person_codes AS p ON p.person_id = c.person_id
