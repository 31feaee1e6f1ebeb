-- The distinct ways in which the registry and the acts ever wrote each person, numbered after those known before.
SELECT
    (SELECT count(*) FROM writings)
        + row_number() OVER (ORDER BY i.person, i.number, i.first_name, i.surname, i.birth_date, i.sex) AS writing,
    i.*,
    first_names.spelling AS first_spelling,
    surnames.spelling AS surname_spelling
FROM (
    SELECT person, number, first_name, surname, birth_date, sex FROM identities
    EXCEPT
    SELECT person, number, first_name, surname, birth_date, sex FROM writings
) AS i
JOIN spellings AS first_names ON first_names.code = i.first_name
JOIN spellings AS surnames ON surnames.code = i.surname
