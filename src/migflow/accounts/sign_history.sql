-- Half-years in which each person was seen, as bits: bit h of a number is half-year h, 1 the first half of the year
-- before the first day. Rule S2 of docs/methods.md.
WITH numbered AS (
    SELECT unnest(generate_series(
        1,
        2 * CAST(extract(YEAR FROM CAST($as_of AS DATE)) - extract(YEAR FROM CAST($first_day AS DATE)) + 2 AS INTEGER)
    )) AS half
),

halves AS (
    SELECT
        half,
        make_date(year_of_half(half, $first_day), CASE WHEN half % 2 = 1 THEN 1 ELSE 7 END, 1) AS from_day,
        make_date(year_of_half(half + 1, $first_day), CASE WHEN half % 2 = 1 THEN 7 ELSE 1 END, 1) AS to_day,
        CAST(1 AS BIGINT) << half AS bit
    FROM numbered
),

known AS (
    SELECT * FROM halves WHERE to_day <= CAST($as_of AS DATE)
),

seen AS (
    SELECT
        s.person_id,
        s.sign,
        f.bit | l.bit AS bits
    FROM signs_of_life AS s
    INNER JOIN known AS f ON s.first_day >= f.from_day AND s.first_day < f.to_day
    INNER JOIN known AS l ON s.last_day >= l.from_day AND s.last_day < l.to_day
),

signs AS (
    SELECT
        person_id,
        bit_or(CASE WHEN sign = 'education' THEN bits ELSE 0 END) AS education,
        bit_or(CASE WHEN sign = 'employment' THEN bits ELSE 0 END) AS employment,
        bit_or(CASE WHEN sign = 'benefit' THEN bits ELSE 0 END) AS benefit,
        bit_or(CASE WHEN sign = 'health' THEN bits ELSE 0 END) AS health,
        bit_or(CASE WHEN sign = 'document' THEN bits ELSE 0 END) AS document,
        bit_or(CASE WHEN sign IN ('declaration', 'act') THEN bits ELSE 0 END) AS civil
    FROM seen
    GROUP BY person_id
),

neighbours AS (
    SELECT
        *,
        lag(to_date) OVER by_person = from_date AND entry_reason <> 'immigration' AS goes_on,
        lead(from_date) OVER by_person AS next_date
    FROM residence_spells
    WINDOW by_person AS (PARTITION BY person_id ORDER BY spell_number)
),

-- A move inside the country does not end a stay; a return that is declared does, for it tells of an absence.
stays AS (
    SELECT
        person_id,
        min(from_date) AS from_date,
        max(coalesce(to_date, DATE '9999-12-31')) AS to_date
    FROM (
        SELECT
            *,
            sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (PARTITION BY person_id ORDER BY spell_number) AS stay
        FROM neighbours
    ) AS numbered
    GROUP BY person_id, stay
),

registered AS (
    SELECT
        s.person_id,
        bit_or(CASE WHEN s.from_date <= h.from_day AND s.to_date >= h.to_day THEN h.bit ELSE 0 END) AS registered,
        min(CASE WHEN s.from_date < h.to_day THEN h.half END) AS first_half,
        max(h.half) AS last_half
    FROM stays AS s
    CROSS JOIN known AS h
    GROUP BY s.person_id
),

-- Registered as gone throughout a half-year, after a departure that was declared; declared departures and arrivals.
absences AS (
    SELECT
        s.person_id,
        bit_or(CASE
            WHEN
                s.exit_reason = 'emigration' AND s.to_date <= h.from_day
                AND coalesce(s.next_date, h.to_day) >= h.to_day THEN h.bit ELSE 0
        END) AS gone,
        bit_or(CASE
            WHEN s.exit_reason = 'emigration' AND s.to_date >= h.from_day AND s.to_date < h.to_day THEN h.bit
            ELSE 0
        END) AS departed,
        bit_or(CASE
            WHEN s.entry_reason = 'immigration' AND s.from_date >= h.from_day AND s.from_date < h.to_day THEN h.bit
            ELSE 0
        END) AS arrived
    FROM neighbours AS s
    CROSS JOIN known AS h
    WHERE s.exit_reason = 'emigration' OR s.entry_reason = 'immigration'
    GROUP BY s.person_id
),

deaths AS (
    SELECT person_id, to_date FROM residence_spells WHERE exit_reason = 'death'
)

SELECT
    r.person_id,
    p.birth_date,
    p.sex,
    CAST(r.first_half AS INTEGER) AS first_half,
    CAST(coalesce(h.half, r.last_half) AS INTEGER) AS last_half,
    d.to_date AS died_on,
    p.personal_number IS NOT NULL AS is_observed,
    coalesce(s.education, 0) AS education,
    coalesce(s.employment, 0) AS employment,
    coalesce(s.benefit, 0) AS benefit,
    coalesce(s.health, 0) AS health,
    coalesce(s.document, 0) AS document,
    coalesce(s.civil, 0) AS civil,
    r.registered,
    coalesce(a.gone, 0) AS gone,
    coalesce(a.departed, 0) AS departed,
    coalesce(a.arrived, 0) AS arrived
FROM registered AS r
INNER JOIN persons AS p ON p.person_id = r.person_id
LEFT JOIN absences AS a ON a.person_id = r.person_id
LEFT JOIN signs AS s ON s.person_id = r.person_id
LEFT JOIN deaths AS d ON d.person_id = r.person_id
LEFT JOIN known AS h ON d.to_date >= h.from_day AND d.to_date < h.to_day
