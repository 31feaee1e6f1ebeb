-- Every way in which a registry record was ever written: names change at marriage, errors are corrected.
SELECT DISTINCT record_id, personal_number, first_name, surname, birth_surname, birth_date
FROM civil_registry_persons
