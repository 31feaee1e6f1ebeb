-- Persons to whom a statement declared together with this one is linked.
SELECT DISTINCT c.statement, l.person
FROM companions AS c
JOIN links AS l ON l.statement = c.companion
JOIN open_statements AS s ON s.statement = c.statement
