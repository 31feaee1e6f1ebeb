-- Else it goes to a resident of the place it comes from, of the same sex and about the same age.
WITH asked AS (
    SELECT u.*, r.place, r.places
    FROM (SELECT * FROM unknown ANTI JOIN known_movers USING (draw, record)) AS u
    ASOF INNER JOIN residents AS r
        ON r.municipality = u.origin AND r.sex = u.sex AND r.birth_date <= u.about_born
),

tried AS (
    SELECT
        draw,
        record,
        origin,
        sex,
        event_date,
        greatest(1, least(places, place + unnest(steps))) AS place,
        generate_subscripts(steps, 1) AS attempt
    FROM asked
)

SELECT t.draw, t.record, min_by(r.person_id, t.attempt) AS person_id
FROM tried AS t
INNER JOIN residents AS r
    ON
        r.municipality = t.origin AND r.sex = t.sex AND r.place = t.place
        AND r.from_date < t.event_date AND r.to_date >= t.event_date
GROUP BY t.draw, t.record
