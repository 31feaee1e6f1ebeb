-- Persons whose account a draw changes.
SELECT DISTINCT
    draw,
    person_id
FROM changes
