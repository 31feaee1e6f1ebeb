-- Persons that an uncertain record may mean, with their probabilities.
WITH uncertain AS (
    SELECT source, record_id, person_id, match_probability
    FROM person_links
    WHERE pass NOT IN ('anchor', 'review') AND (person_id IS NULL OR match_probability < $certain)
),

pairs AS (
    SELECT source, record_id, person_id, match_probability AS probability
    FROM uncertain
    WHERE person_id IS NOT NULL
    UNION ALL
    SELECT r.source, r.record_id, r.person_id, r.match_probability
    FROM review_pairs AS r
    INNER JOIN uncertain AS u ON u.source = r.source AND u.record_id = r.record_id
    WHERE r.decision IS NULL
)

SELECT source, record_id, person_id, max(probability) AS probability
FROM pairs
GROUP BY source, record_id, person_id
