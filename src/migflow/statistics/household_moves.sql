-- Persons who leave one home and enter another on one day move together; they are the whole household of the home they
-- leave if nobody else lived there the day before. A home is the dwelling, or where that is not known the building.
WITH homes AS (
    SELECT
        person_id,
        spell_number,
        municipality,
        settlement_id,
        coalesce('dwelling ' || address_id, 'building ' || building_id) AS home,
        from_date,
        coalesce(to_date, DATE '9999-12-31') AS to_date,
        entry_reason
    FROM residence_spells
),

moved AS (
    SELECT
        a.person_id,
        a.from_date AS move_date,
        b.home AS home_left,
        a.home AS home_entered,
        a.municipality AS destination,
        CASE WHEN a.municipality = b.municipality THEN 'within_municipality' ELSE 'between_municipalities' END
            AS move_type
    FROM homes AS a
    INNER JOIN homes AS b ON b.person_id = a.person_id AND b.spell_number = a.spell_number - 1
    INNER JOIN accounting_years AS y ON a.from_date >= y.from_day AND a.from_date < y.to_day
    WHERE a.entry_reason = 'internal'
),

together AS (
    SELECT
        move_date,
        home_left,
        home_entered,
        min(destination) AS destination,
        min(move_type) AS move_type,
        count(*) AS persons
    FROM moved
    WHERE home_left IS NOT NULL AND home_entered IS NOT NULL
    GROUP BY move_date, home_left, home_entered
),

lived_there AS (
    SELECT
        t.move_date,
        t.home_left,
        t.home_entered,
        count(*) AS persons
    FROM together AS t
    INNER JOIN homes AS h ON h.home = t.home_left AND h.from_date < t.move_date AND h.to_date >= t.move_date
    GROUP BY t.move_date, t.home_left, t.home_entered
),

described AS (
    SELECT
        t.move_date,
        t.destination,
        t.move_type,
        CASE WHEN t.persons = l.persons THEN 'whole' ELSE 'part' END AS moved_as,
        t.persons
    FROM together AS t
    INNER JOIN lived_there AS l
        ON l.move_date = t.move_date AND l.home_left = t.home_left AND l.home_entered = t.home_entered
    UNION ALL
    SELECT
        move_date,
        destination,
        move_type,
        '_U',
        1
    FROM moved
    WHERE home_left IS NULL OR home_entered IS NULL
),

counted AS (
    SELECT
        extract(YEAR FROM move_date) AS year,
        destination,
        move_type,
        moved_as,
        CASE WHEN moved_as = '_U' THEN '_U' WHEN persons >= 5 THEN 'P_GE5' ELSE 'P' || CAST(persons AS VARCHAR) END
            AS group_size,
        count(*) AS groups,
        sum(persons) AS persons
    FROM described
    GROUP BY ALL
),

shown AS (
    SELECT
        year,
        destination,
        move_type,
        moved_as,
        group_size,
        'household_moves' AS indicator,
        groups AS obs_value
    FROM counted
    WHERE moved_as <> '_U'
    UNION ALL
    SELECT
        year,
        destination,
        move_type,
        moved_as,
        group_size,
        'moves',
        persons
    FROM counted
)

SELECT
    y.year AS time_period,
    w.area,
    w.level,
    s.move_type,
    s.moved_as,
    s.group_size,
    s.indicator,
    CAST(sum(s.obs_value) AS BIGINT) AS obs_value,
    'EVT' AS unit_measure,
    y.obs_status
FROM shown AS s
INNER JOIN accounting_years AS y ON y.year = s.year
INNER JOIN wider_areas AS w ON w.code = s.destination
GROUP BY y.year, w.area, w.level, s.move_type, s.moved_as, s.group_size, s.indicator, y.obs_status
