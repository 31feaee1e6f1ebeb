-- Links decided in one pass, but where statements declared together claim one person only the likeliest.
WITH claimed AS (SELECT * FROM decided WHERE linked)
SELECT d.*
FROM claimed AS d
ANTI JOIN (
    SELECT d.statement
    FROM claimed AS d
    JOIN companions AS c ON c.statement = d.statement
    JOIN claimed AS e ON e.statement = c.companion AND e.person = d.person
    WHERE e.match_weight > d.match_weight OR (e.match_weight = d.match_weight AND e.statement < d.statement)
) AS beaten ON beaten.statement = d.statement
