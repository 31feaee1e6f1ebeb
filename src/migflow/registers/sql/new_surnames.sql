-- Identities under the surname a marriage, divorce or change of name gave: the registry's record may come later.
SELECT DISTINCT i.person, i.number, i.first_name, names.code AS surname, i.birth_date, i.sex
FROM civil_registry_events AS e
JOIN statements AS s ON s.source = 'civil_registry_events' AND s.record_id = e.record_id
JOIN links AS l ON l.statement = s.statement
JOIN identities AS i ON i.person = l.person
JOIN names ON names.text = e.new_surname
