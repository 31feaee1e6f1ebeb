-- Person links by source; without_evidence is told for declarations only.
SELECT
    j.source,
    count(*) AS records,
    count(*) FILTER (WHERE j.is_linkable) AS linkable,
    count(*) FILTER (WHERE n.record_id IS NOT NULL) AS without_evidence,
    count(*) FILTER (WHERE j.is_linked) AS linked,
    count(*) FILTER (WHERE j.is_right) AS right_links,
    count(*) FILTER (WHERE j.is_right AND n.record_id IS NULL) AS right_by_evidence
FROM judged_links AS j
LEFT JOIN no_evidence AS n ON j.source = 'municipal_residence' AND n.record_id = j.record_id
GROUP BY j.source
ORDER BY j.source
