-- Ids derived from the record_id of the anchor record, so that they stay while that record stays.
SELECT a.record, a.person, 'P' || substr(sha256(r.record_id), 1, 16) AS person_id
FROM anchors AS a
JOIN registry_records AS r ON r.record = a.person
