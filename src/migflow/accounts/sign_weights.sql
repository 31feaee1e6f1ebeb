-- What each sign tells: how often those have it who certainly live here, who leave, who arrive, and who have declared
-- that they left. Rule S3 of docs/methods.md.
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

-- Who was registered as gone for more than a half-year and then shows signs as a stay begins with has come back.
returned AS (
    SELECT
        person_id,
        gone & (gone << 1) & signs_of_return(education, employment, benefit, health, document) AS back
    FROM histories
    WHERE gone > 0
),

-- Half-years for which other registers have sent anything.
covered AS (
    SELECT
        half,
        min(half) OVER () AS first_covered,
        coalesce(lag(half) OVER (ORDER BY half) = half - 1, FALSE) AS has_history
    FROM (SELECT unnest(halves_of(bit_or(traces))) AS half FROM histories)
),

-- Certainly here in a half-year: registered throughout it, and at a counter or in an act within two years. Arriving or
-- leaving in it, as declared; absent: registered as gone throughout it. Residents who never leave a trace are judged by
-- themselves and tell nothing of signs; an absent person without a trace is like the others.
certain AS (
    SELECT
        h.person_id,
        h.sex,
        age_of_signs(
            year_of_half(c.half, $first_day) - CAST(extract(YEAR FROM h.birth_date) AS INTEGER)
        ) AS age_group,
        c.half,
        2 - CAST(c.half % 2 AS INTEGER) AS half_of_year,
        greatest(h.first_half, c.first_covered) AS since,
        c.has_history AND c.half > h.first_half AS has_history,
        CASE
            WHEN ((h.arrived >> c.half) & 1) = 1 THEN 'arriving'
            WHEN ((h.gone >> c.half) & 1) = 1 THEN 'absent'
            WHEN ((h.departed >> c.half) & 1) = 1 THEN 'leaving'
            ELSE 'here'
        END AS state,
        h.education,
        h.employment,
        h.benefit,
        h.health,
        h.document,
        h.traces
    FROM histories AS h
    INNER JOIN covered AS c
        ON
            c.half >= h.first_half
            AND c.half <= h.last_half
            AND (
                ((h.gone >> c.half) & 1) = 1
                OR ((h.arrived >> c.half) & 1) = 1
                OR (((h.departed >> c.half) & (h.registered >> (c.half - 1)) & 1) = 1)
                OR (
                    c.half > h.first_half
                    AND ((h.registered >> c.half) & 1) = 1
                    AND ((h.civil >> (c.half + 1)) & 15) > 0
                    AND (((h.arrived | h.gone) >> (c.half + 1)) & 15) = 0
                )
            )
    LEFT JOIN returned AS r ON r.person_id = h.person_id
    WHERE
        (h.traces > 0 OR state = 'absent')
        AND (state <> 'absent' OR coalesce(r.back & ((CAST(1 AS BIGINT) << (c.half + 1)) - 1), 0) = 0)
),

shown AS (
    SELECT
        c.*,
        s.sign,
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

-- The half-years before the last one that are known, up to four: in how many a person was seen tells how visible the
-- person is.
remembered AS (
    SELECT
        c.*,
        m.halves
    FROM certain AS c
    INNER JOIN (SELECT unnest(generate_series(0, 4)) AS halves) AS m ON c.half - 1 - m.halves >= c.since
    WHERE c.has_history
),

told AS (
    SELECT
        sex,
        age_group,
        half_of_year,
        sign,
        ['no', 'yes', 'never'][1 + known_before(bits, half, since)] AS known_before,
        state,
        (bits >> half) & 1 AS has_sign
    FROM shown
    WHERE has_history
    UNION ALL
    SELECT
        sex,
        age_group,
        half_of_year,
        sign,
        'unknown',
        state,
        (bits >> half) & 1
    FROM shown
    UNION ALL
    -- Registers fall silent together, so their common silence is counted by itself.
    SELECT
        sex,
        age_group,
        half_of_year,
        'any',
        'unknown',
        state,
        (traces >> half) & 1
    FROM certain
    UNION ALL
    SELECT
        sex,
        age_group,
        half_of_year,
        'any',
        known_before_of_any(
            (education | employment | benefit) >> (half - 1), (health | document) >> (half - 1),
            traces >> (half - 1 - halves), halves
        ),
        state,
        (traces >> half) & 1
    FROM remembered
),

counted AS (
    SELECT
        sex,
        age_group,
        half_of_year,
        sign,
        known_before,
        count(*) FILTER (WHERE state = 'here') AS here,
        count(*) FILTER (WHERE state = 'here' AND has_sign = 1) AS here_with_sign,
        count(*) FILTER (WHERE state = 'leaving') AS leaving,
        count(*) FILTER (WHERE state = 'leaving' AND has_sign = 1) AS leaving_with_sign,
        count(*) FILTER (WHERE state = 'arriving') AS arriving,
        count(*) FILTER (WHERE state = 'arriving' AND has_sign = 1) AS arriving_with_sign,
        count(*) FILTER (WHERE state = 'absent') AS absent,
        count(*) FILTER (WHERE state = 'absent' AND has_sign = 1) AS absent_with_sign
    FROM told
    GROUP BY sex, age_group, half_of_year, sign, known_before
),

histories_before AS (
    SELECT
        s.sign,
        k.known_before
    FROM signs AS s
    CROSS JOIN (SELECT unnest(['yes', 'no', 'never', 'unknown']) AS known_before) AS k
    UNION ALL
    SELECT
        'any',
        'unknown'
    UNION ALL
    SELECT
        'any',
        known_before_of_any(r.on_roll, c.in_contact, p.seen, p.halves)
    FROM (SELECT unnest([0, 1]) AS on_roll) AS r
    CROSS JOIN (SELECT unnest([0, 1]) AS in_contact) AS c
    CROSS JOIN (
        SELECT
            halves,
            unnest(list_transform(generate_series(0, halves), lambda times: (1 << times) - 1)) AS seen
        FROM (SELECT unnest(generate_series(0, 4)) AS halves) AS l
    ) AS p
),

filled AS (
    SELECT
        x.sex,
        g.age_group,
        y.half_of_year,
        b.sign,
        b.known_before,
        coalesce(c.here, 0) AS here,
        coalesce(c.here_with_sign, 0) AS here_with_sign,
        coalesce(c.leaving, 0) AS leaving,
        coalesce(c.leaving_with_sign, 0) AS leaving_with_sign,
        coalesce(c.absent, 0) AS absent,
        coalesce(c.absent_with_sign, 0) AS absent_with_sign,
        -- What was known before an arrival says little of what the half-year of the arrival shows.
        coalesce(sum(CASE WHEN b.known_before = 'unknown' THEN c.arriving END) OVER of_sign, 0) AS arriving,
        coalesce(sum(CASE WHEN b.known_before = 'unknown' THEN c.arriving_with_sign END) OVER of_sign, 0)
            AS arriving_with_sign
    FROM (SELECT unnest(['F', 'M']) AS sex) AS x
    CROSS JOIN (SELECT unnest(['Y_LT6', 'Y6T17', 'Y18T24', 'Y25T39', 'Y40T64', 'Y_GE65']) AS age_group) AS g
    CROSS JOIN (SELECT unnest([1, 2]) AS half_of_year) AS y
    CROSS JOIN histories_before AS b
    LEFT JOIN counted AS c
        ON
            c.sex = x.sex AND c.age_group = g.age_group AND c.half_of_year = y.half_of_year
            AND c.sign = b.sign AND c.known_before = b.known_before
    WHERE EXISTS (SELECT 1 FROM covered)
    WINDOW of_sign AS (PARTITION BY x.sex, g.age_group, y.half_of_year, b.sign)
),

-- What everybody shows; where few or none were counted, what is shown whatever was known before.
pooled AS (
    SELECT
        *,
        (sum(here_with_sign) OVER alike + 0.5) / (sum(here) OVER alike + 1) AS here_mean,
        (sum(leaving_with_sign) OVER alike + here_mean) / (sum(leaving) OVER alike + 1) AS leaving_mean,
        (sum(arriving_with_sign) OVER alike + here_mean) / (sum(arriving) OVER alike + 1) AS arriving_mean,
        (sum(absent_with_sign) OVER alike + 5 * seen_absent) / (sum(absent) OVER alike + 5) AS absent_mean,
        (sum(absent_with_sign) OVER visits + 0.1) / (sum(absent) OVER visits + 2) AS visits_mean
    FROM (
        SELECT
            *,
            (sum(CASE WHEN known_before = 'unknown' THEN absent_with_sign ELSE 0 END) OVER of_sign + 0.1)
            / (sum(CASE WHEN known_before = 'unknown' THEN absent ELSE 0 END) OVER of_sign + 2) AS seen_absent
        FROM filled
        WINDOW of_sign AS (PARTITION BY half_of_year, sign)
    ) AS seen
    WINDOW
        alike AS (PARTITION BY half_of_year, sign, known_before),
        visits AS (
            PARTITION BY
                half_of_year,
                sign,
                known_before = 'unknown',
                sign = 'any' AND split_part(known_before, '_', 1) = 'no'
        )
),

-- Indirect standardisation: how much more often a group is silent than everybody would be with its histories.
standardised AS (
    SELECT
        *,
        least(0.97, (1 - here_mean) * (sum(here - here_with_sign) OVER of_kind + 5)
        / (sum(here * (1 - here_mean)) OVER of_kind + 5)) AS silent_here,
        least(0.97, (1 - leaving_mean) * (sum(leaving - leaving_with_sign) OVER of_kind + 5)
        / (sum(leaving * (1 - leaving_mean)) OVER of_kind + 5)) AS silent_leaving
    FROM pooled
    WINDOW
        of_kind AS (
            PARTITION BY sex, age_group, half_of_year, sign, split_part(known_before, '_', 1)
            ORDER BY known_before ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
),

-- Small groups borrow from all: as two persons more, of common silence, which is told in more detail, as a hundred.
rates AS (
    SELECT
        *,
        CASE
            WHEN sign = 'any' THEN (here_with_sign + 100 * (1 - silent_here)) / (here + 100)
            ELSE (here_with_sign + 2 * here_mean) / (here + 2)
        END AS here_rate,
        CASE
            WHEN sign = 'any' THEN (leaving_with_sign + 100 * (1 - silent_leaving)) / (leaving + 100)
            ELSE (leaving_with_sign + 2 * leaving_mean) / (leaving + 2)
        END AS leaving_rate,
        (arriving_with_sign + 2 * arriving_mean) / (arriving + 2) AS arriving_rate,
        -- Contacts on visits follow no roll: one does not make another likelier.
        CASE
            WHEN sign IN ('health', 'document', 'any') THEN visits_mean
            ELSE (absent_with_sign + 2 * absent_mean) / (absent + 2)
        END AS absent_rate
    FROM standardised
)

SELECT
    sex,
    age_group,
    half_of_year,
    sign,
    known_before,
    here,
    leaving,
    arriving,
    absent,
    here_rate,
    leaving_rate,
    arriving_rate,
    absent_rate,
    weight_of_sign(TRUE, here_rate, absent_rate) / ln(2) AS weight_with,
    weight_of_sign(FALSE, here_rate, absent_rate) / ln(2) AS weight_without
FROM rates
