-- All that the civil registry ever wrote of each true person; surnames also at birth and from acts.
WITH written AS (
    SELECT t.true_person AS person, p.personal_number, p.first_name, unnest([p.surname, p.birth_surname]) AS surname,
        p.birth_date, p.sex
    FROM civil_registry_persons AS p
    INNER JOIN true_of_record AS t ON t.source = 'civil_registry_persons' AND t.record_id = p.record_id
),

named AS (
    SELECT * FROM written
    UNION ALL
    SELECT w.person, w.personal_number, w.first_name, e.new_surname, w.birth_date, w.sex
    FROM civil_registry_events AS e
    INNER JOIN true_of_record AS t ON t.source = 'civil_registry_events' AND t.record_id = e.record_id
    INNER JOIN written AS w ON w.person = t.true_person
)

SELECT DISTINCT
    n.person,
    n.personal_number AS number,
    first_names.folded AS first_name,
    surnames.folded AS surname,
    n.birth_date,
    n.sex
FROM named AS n
INNER JOIN folded_names AS first_names ON first_names.text = n.first_name
INNER JOIN folded_names AS surnames ON surnames.text = n.surname
