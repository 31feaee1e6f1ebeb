-- The dwellings at which persons linked to a declaration's companions were ever registered.
SELECT DISTINCT c.statement, 'family' AS kind, h.place
FROM companions AS c
JOIN links AS l ON l.statement = c.companion
JOIN homes AS h ON h.person = l.person AND h.kind = 'dwelling'
