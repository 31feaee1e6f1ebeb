-- A person of the register stands for the true person of its anchor record.
SELECT p.person_id, t.true_person
FROM main.persons AS p
INNER JOIN main.true_of_record AS t ON t.source = 'civil_registry_persons' AND t.record_id = p.anchor_record_id
