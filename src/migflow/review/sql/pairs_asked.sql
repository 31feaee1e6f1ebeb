-- Pairs for review; where there is a limit, of the records most in doubt, with all candidates of each.
WITH asked AS (
    SELECT p.*, d.decision AS given_decision, d.decided_by AS given_by, d.decided_on AS given_on, d.note AS given_note
    FROM review_pairs AS p
    SEMI JOIN chosen_records USING (source, record_id)
    LEFT JOIN decisions AS d USING (source, record_id, person_id)
    LEFT JOIN (FROM decisions WHERE decision = 'same') AS found USING (source, record_id)
    WHERE $decided OR (d.decision IS NULL AND found.decision IS NULL)
),
records AS (
    SELECT source, record_id, count(*) AS pairs, min(abs(match_weight)) AS from_even
    FROM asked
    GROUP BY source, record_id
),
ranked AS (
    SELECT
        source, record_id,
        sum(pairs) OVER (ORDER BY from_even NULLS LAST, source, record_id) - pairs AS pairs_before
    FROM records
)
SELECT *
FROM asked
SEMI JOIN (FROM ranked WHERE $most IS NULL OR pairs_before < $most) AS taken USING (source, record_id)
ORDER BY source, record_id, match_weight DESC NULLS LAST, person_id
