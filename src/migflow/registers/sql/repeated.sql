-- How many pairs of statements declared together were linked, and how many of them to one person.
SELECT count(*) FILTER (WHERE a.person = b.person), count(*)
FROM companions AS c
JOIN decided AS a ON a.statement = c.statement AND a.linked
JOIN decided AS b ON b.statement = c.companion AND b.linked
WHERE a.statement < b.statement
