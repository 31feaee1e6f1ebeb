-- What each sign tells: how often those have it who certainly live here, and those who have declared that they left.
-- Rule S3 of docs/methods.md.
WITH signs AS (
    SELECT unnest(['education', 'employment', 'benefit', 'health', 'document']) AS sign
),

histories AS (
    SELECT
        *,
        education | employment | benefit | health | document AS traces
    FROM sign_history
    WHERE is_observed
),

observed AS (
    SELECT unnest(generate_series(1, 62)) AS half
),

-- Who was registered as gone for more than a half-year and is then seen by two registers at once has come back.
returned AS (
    SELECT
        person_id,
        gone & (gone << 1) & (
            (education & (employment | benefit | health | document)) | (employment & (benefit | health | document))
            | (benefit & (health | document)) | (health & document)
        ) AS back
    FROM histories
    WHERE gone > 0
),

-- Half-years for which other registers have sent anything.
covered AS (
    SELECT o.half
    FROM observed AS o
    CROSS JOIN (SELECT bit_or(traces) AS traces FROM histories) AS t
    WHERE ((t.traces >> o.half) & 1) = 1
),

-- Certainly here in a half-year: registered throughout it, and at a counter or in an act within two years. Certainly
-- absent: registered as gone throughout it and the one before; just left: throughout it, but not the one before.
certain AS (
    SELECT
        h.person_id,
        c.half,
        b.half IS NOT NULL AS has_history,
        l.half IS NOT NULL AND l.half >= h.first_half AS has_long_history,
        CASE
            WHEN ((h.gone >> c.half) & 1) = 0 THEN 'here'
            WHEN ((h.gone >> (c.half - 1)) & 1) = 0 THEN 'left'
            ELSE 'absent'
        END AS state,
        CAST(extract(YEAR FROM CAST($first_day AS DATE)) - 1 + floor((c.half - 1) / 2) AS INTEGER)
        - CAST(extract(YEAR FROM h.birth_date) AS INTEGER) AS age,
        h.education,
        h.employment,
        h.benefit,
        h.health,
        h.document
    FROM histories AS h
    INNER JOIN covered AS c
        ON
            c.half > h.first_half
            AND c.half < h.last_half + 1
            AND (
                ((h.gone >> c.half) & 1) = 1
                OR (
                    ((h.registered >> c.half) & 1) = 1
                    AND ((h.civil >> (c.half + 1)) & 15) > 0
                    AND (((h.arrived | h.gone) >> (c.half + 1)) & 15) = 0
                )
            )
    LEFT JOIN covered AS b ON b.half = c.half - 1
    LEFT JOIN covered AS l ON l.half = c.half - 4
    LEFT JOIN returned AS r ON r.person_id = h.person_id
    WHERE ((h.gone >> c.half) & 1) = 0 OR (r.back & ((CAST(1 AS BIGINT) << (c.half + 1)) - 1)) = 0
),

shown AS (
    SELECT
        age_of_signs(c.age) AS age_group,
        s.sign,
        c.person_id,
        c.state,
        c.has_history,
        c.has_long_history,
        c.half,
        CASE s.sign
            WHEN 'education' THEN c.education
            WHEN 'employment' THEN c.employment
            WHEN 'benefit' THEN c.benefit
            WHEN 'health' THEN c.health
            ELSE c.document
        END AS bits
    FROM certain AS c
    CROSS JOIN signs AS s
),

-- A register that knew somebody in the half-year before tells more by its silence than one that did not in two years.
told AS (
    SELECT
        age_group,
        sign,
        CASE
            WHEN ((bits >> (half - 1)) & 1) = 1 THEN 'yes'
            WHEN has_long_history AND ((bits >> (half - 4)) & 15) = 0 THEN 'never'
            ELSE 'no'
        END AS known_before,
        state,
        (bits >> half) & 1 AS has_sign
    FROM shown
    WHERE has_history
    UNION ALL
    SELECT
        age_group,
        sign,
        'unknown',
        state,
        (bits >> half) & 1
    FROM shown
    UNION ALL
    -- Registers fall silent together, so their common silence is counted by itself.
    SELECT
        age_group,
        'any',
        'unknown',
        state,
        max((bits >> half) & 1)
    FROM shown
    GROUP BY age_group, person_id, half, state
    UNION ALL
    SELECT
        age_group,
        'any',
        CASE
            WHEN kinds_before > 1 THEN 'several'
            WHEN kinds_before = 1 THEN 'yes'
            WHEN has_long_history AND kinds_in_two_years = 0 THEN 'never'
            ELSE 'no'
        END,
        state,
        has_any
    FROM (
        SELECT
            age_group,
            person_id,
            half,
            state,
            has_long_history,
            sum((bits >> (half - 1)) & 1) AS kinds_before,
            sum(CASE WHEN ((bits >> (half - 4)) & 15) > 0 THEN 1 ELSE 0 END) AS kinds_in_two_years,
            max((bits >> half) & 1) AS has_any
        FROM shown
        WHERE has_history
        GROUP BY age_group, person_id, half, state, has_long_history
    ) AS together
),

counted AS (
    SELECT
        age_group,
        sign,
        known_before,
        count(*) FILTER (WHERE state = 'here') AS here,
        count(*) FILTER (WHERE state = 'here' AND has_sign = 1) AS here_with_sign,
        count(*) FILTER (WHERE state = 'left') AS left_country,
        count(*) FILTER (WHERE state = 'left' AND has_sign = 1) AS left_with_sign,
        count(*) FILTER (WHERE state = 'absent') AS absent,
        count(*) FILTER (WHERE state = 'absent' AND has_sign = 1) AS absent_with_sign
    FROM told
    GROUP BY age_group, sign, known_before
),

groups AS (
    SELECT
        g.age_group,
        s.sign,
        k.known_before
    FROM (SELECT unnest(['Y_LT6', 'Y6T17', 'Y18T24', 'Y25T64', 'Y_GE65']) AS age_group) AS g
    CROSS JOIN (SELECT sign FROM signs UNION ALL SELECT 'any') AS s
    CROSS JOIN (SELECT unnest(['several', 'yes', 'no', 'never', 'unknown']) AS known_before) AS k
    WHERE EXISTS (SELECT 1 FROM covered) AND (s.sign = 'any' OR k.known_before <> 'several')
),

filled AS (
    SELECT
        g.age_group,
        g.sign,
        g.known_before,
        coalesce(c.here, 0) AS here,
        coalesce(c.here_with_sign, 0) AS here_with_sign,
        coalesce(c.left_country, 0) AS left_country,
        coalesce(c.left_with_sign, 0) AS left_with_sign,
        coalesce(c.absent, 0) AS absent,
        coalesce(c.absent_with_sign, 0) AS absent_with_sign
    FROM groups AS g
    LEFT JOIN counted AS c ON c.age_group = g.age_group AND c.sign = g.sign AND c.known_before = g.known_before
),

-- Small groups borrow from all ages: what holds for all counts as two persons more.
pooled AS (
    SELECT
        *,
        (sum(here_with_sign) OVER all_ages + 0.5) / (sum(here) OVER all_ages + 1) AS here_mean,
        (sum(left_with_sign) OVER all_ages + 0.5) / (sum(left_country) OVER all_ages + 1) AS left_mean,
        (sum(absent_with_sign) OVER all_ages + 0.5) / (sum(absent) OVER all_ages + 1) AS absent_mean
    FROM filled
    WINDOW all_ages AS (PARTITION BY sign, known_before)
),

rates AS (
    SELECT
        *,
        (here_with_sign + 2 * here_mean) / (here + 2) AS here_rate,
        (left_with_sign + 2 * left_mean) / (left_country + 2) AS left_rate,
        -- Contacts on visits follow no roll: one does not make another likelier.
        CASE
            WHEN sign IN ('health', 'document', 'any')
                THEN (sum(CASE WHEN known_before = 'unknown' THEN absent_with_sign ELSE 0 END) OVER of_sign + 0.1)
                / (sum(CASE WHEN known_before = 'unknown' THEN absent ELSE 0 END) OVER of_sign + 2)
            ELSE (absent_with_sign + 2 * absent_mean) / (absent + 2)
        END AS absent_rate
    FROM pooled
    WINDOW of_sign AS (PARTITION BY sign)
)

SELECT
    age_group,
    sign,
    known_before,
    here,
    left_country,
    absent,
    here_rate,
    left_rate,
    absent_rate,
    ln(here_rate / absent_rate) / ln(2) AS weight_with,
    ln((1 - here_rate) / (1 - absent_rate)) / ln(2) AS weight_without,
    ln(left_rate / absent_rate) / ln(2) AS left_with,
    ln((1 - left_rate) / (1 - absent_rate)) / ln(2) AS left_without
FROM rates
