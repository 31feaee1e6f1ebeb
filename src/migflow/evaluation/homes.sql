-- Every dwelling at which the registry ever had each true person.
SELECT DISTINCT t.person_id AS person, d.address_id, d.building_id, d.settlement_id, d.municipality
FROM truth_records AS t
INNER JOIN truth_dwellings AS d ON d.address_id = t.address_id
WHERE t.source = 'civil_registry_persons'
