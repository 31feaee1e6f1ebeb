-- Residency index on each 1 January: the last index, worn by the chance of leaving, and the weights of signs.
-- Rules S5 to S7 of docs/methods.md.
WITH observed AS (
    SELECT
        bit_or(education | employment | benefit | health | document) AS traces,
        bit_or(civil) AS civil
    FROM sign_history
),

halves AS (
    SELECT
        h.half,
        CAST(extract(YEAR FROM CAST($first_day AS DATE)) - 1 + floor((h.half - 1) / 2) AS INTEGER) AS year,
        ((o.traces >> h.half) & 1) = 1 AS is_covered,
        ((o.traces >> (h.half - 1)) & 1) = 1 AS has_history,
        ((o.civil >> h.half) & 1) = 1 AS is_heard,
        min(CASE WHEN ((o.traces >> h.half) & 1) = 1 THEN h.half END) OVER () AS first_covered
    FROM (
        SELECT unnest(generate_series(
            1, 2 * CAST(extract(YEAR FROM CAST($as_of AS DATE)) - extract(YEAR FROM CAST($first_day AS DATE)) + 1 AS INTEGER)
        )) AS half
    ) AS h
    CROSS JOIN observed AS o
    WHERE o.traces > 0
),

-- Every combination of signs, with what each register knew before: a digit in base 3 each, 243 for nothing known.
combinations AS (
    SELECT
        c.now,
        b.before
    FROM (SELECT unnest(generate_series(0, 31)) AS now) AS c
    CROSS JOIN (SELECT unnest(generate_series(0, 243)) AS before) AS b
),

places AS (
    SELECT
        w.*,
        CASE w.sign
            WHEN 'education' THEN 0 WHEN 'employment' THEN 1 WHEN 'benefit' THEN 2 WHEN 'health' THEN 3 ELSE 4
        END AS place
    FROM sign_weights AS w
    WHERE w.sign <> 'any'
),

digits AS (
    SELECT
        c.now,
        c.before,
        p.place,
        CASE
            WHEN c.before = 243 THEN 'unknown'
            ELSE ['no', 'yes', 'never'][1 + CAST(floor(c.before / pow(3, p.place)) AS INTEGER) % 3]
        END AS known_before
    FROM combinations AS c
    CROSS JOIN (SELECT unnest(generate_series(0, 4)) AS place) AS p
),

silences AS (
    SELECT
        before,
        CASE
            WHEN before = 243 THEN 'unknown'
            WHEN count(*) FILTER (WHERE known_before = 'yes') > 1 THEN 'several'
            WHEN count(*) FILTER (WHERE known_before = 'yes') = 1 THEN 'yes'
            WHEN count(*) FILTER (WHERE known_before = 'never') = 5 THEN 'never'
            ELSE 'no'
        END AS known_before
    FROM digits
    WHERE now = 0
    GROUP BY before
),

evidence AS (
    SELECT
        p.age_group,
        d.now,
        d.before,
        sum(CASE WHEN ((d.now >> p.place) & 1) = 1 THEN p.weight_with ELSE p.weight_without END) AS weight,
        sum(CASE WHEN ((d.now >> p.place) & 1) = 1 THEN p.left_with ELSE p.left_without END) AS left_weight
    FROM digits AS d
    INNER JOIN places AS p ON p.place = d.place AND p.known_before = d.known_before
    WHERE d.now > 0
    GROUP BY p.age_group, d.now, d.before
    UNION ALL
    SELECT
        w.age_group,
        0,
        s.before,
        w.weight_without,
        w.left_without
    FROM silences AS s
    INNER JOIN sign_weights AS w ON w.sign = 'any' AND w.known_before = s.known_before
),

lived AS (
    SELECT
        s.person_id,
        s.first_half,
        h.half,
        h.is_covered,
        s.is_observed AND (s.education | s.employment | s.benefit | s.health | s.document) > 0 AS is_traced,
        s.is_observed,
        h.year - CAST(extract(YEAR FROM s.birth_date) AS INTEGER) AS age,
        CAST(
            ((s.education >> h.half) & 1) + 2 * ((s.employment >> h.half) & 1) + 4 * ((s.benefit >> h.half) & 1)
            + 8 * ((s.health >> h.half) & 1) + 16 * ((s.document >> h.half) & 1) AS INTEGER
        ) AS now,
        CASE
            WHEN h.has_history AND h.half > s.first_half THEN
                1 * known_before(s.education, h.half, greatest(s.first_half, h.first_covered))
                + 3 * known_before(s.employment, h.half, greatest(s.first_half, h.first_covered))
                + 9 * known_before(s.benefit, h.half, greatest(s.first_half, h.first_covered))
                + 27 * known_before(s.health, h.half, greatest(s.first_half, h.first_covered))
                + 81 * known_before(s.document, h.half, greatest(s.first_half, h.first_covered))
            ELSE 243
        END AS before,
        -- What people declare and what acts say outweighs all that registers are silent about.
        h.is_heard,
        ((s.civil >> h.half) & 1) = 1 AS has_spoken,
        -8 * CASE WHEN ((s.gone >> h.half) & 1) = 1 AND ((s.gone >> (h.half - 1)) & 1) = 0 THEN 1 ELSE 0 END
        - 7 * ((s.arrived >> (h.half + 1)) & 1) AS said
    FROM sign_history AS s
    INNER JOIN halves AS h ON h.half >= s.first_half AND h.half <= s.last_half
),

aged AS (
    SELECT
        *,
        age_of_signs(age) AS age_group
    FROM lived
),

weighed AS (
    SELECT
        a.person_id,
        a.half,
        a.age_group,
        a.first_half,
        -- Who never leaves a trace shows neither leaving nor coming back.
        CASE WHEN a.is_traced OR NOT a.is_observed THEN r.leaves ELSE 0 END AS leaves,
        CASE WHEN a.is_traced OR NOT a.is_observed THEN r.returns ELSE 0 END AS returns,
        r.leaves_unseen,
        CASE
            WHEN a.half > a.first_half THEN NULL
            WHEN a.first_half > 2 THEN 1000.0
            WHEN a.is_observed AND NOT a.is_traced
                THEN r.resident_if_untraced / (1 - r.resident_if_untraced)
            ELSE r.resident_at_start / (1 - r.resident_at_start)
        END AS odds_at_start,
        -- Of those without a trace what they say is all there is to know, so that saying nothing counts as well.
        pow(2.0, greatest(-40.0, least(40.0, a.said + CASE
            WHEN a.has_spoken THEN 7
            WHEN a.is_heard AND a.is_observed AND NOT a.is_traced THEN ln(1 - r.speaks) / ln(2)
            ELSE 0
        END + CASE
            WHEN a.is_traced AND a.is_covered THEN e.weight ELSE 0
        END))) AS ratio,
        -- Whose traces end on leaving is told apart from who has long been gone.
        pow(2.0, CASE WHEN a.is_traced AND a.is_covered THEN e.left_weight ELSE 0 END)
        * CASE WHEN a.is_traced OR NOT a.is_observed THEN r.leaves ELSE 0 END AS leaving
    FROM aged AS a
    INNER JOIN evidence AS e ON e.age_group = a.age_group AND e.now = a.now AND e.before = a.before
    INNER JOIN residency_rates AS r ON r.age_group = a.age_group
),

chains AS (
    SELECT
        person_id,
        min(first_half) AS first_half,
        max(odds_at_start) AS odds_at_start,
        list([ratio, leaves, returns, leaving, leaves_unseen] ORDER BY half) AS steps
    FROM weighed
    GROUP BY person_id
),

-- S5: forward, the odds of being here after each half-year; backward, what the later half-years say of it.
swept AS (
    SELECT
        person_id,
        first_half,
        steps,
        list_reduce(
            steps,
            lambda odds, step: odds || [least(
                1e15, step[1] * (odds[-1] * (1 - step[2]) + step[3]) / (odds[-1] * step[4] + 1 - step[3])
            )],
            [odds_at_start]
        ) AS index_odds,
        list_reverse(list_reduce(
            list_reverse(steps),
            lambda later, step: later || [
                (later[-1] * step[1] * (1 - step[2]) + step[4]) / (step[3] * later[-1] * step[1] + 1 - step[3])
            ],
            [CAST(1.0 AS DOUBLE)]
        )) AS later_ratio
    FROM chains
),

-- The end of a half-year lies between two steps: here in both, gone after it, come after it, here in neither.
borders AS (
    SELECT
        person_id,
        first_half + place - 1 AS half,
        index_odds[place + 1] AS odds,
        CASE WHEN place < len(steps) THEN steps[place + 1][1] * later_ratio[place + 2] ELSE 1 END AS later,
        steps[least(place + 1, len(steps))][2] AS leaves,
        steps[least(place + 1, len(steps))][3] AS returns,
        steps[place][5] AS unseen,
        CASE WHEN place < len(steps) THEN steps[place + 1][4] ELSE steps[place][2] END AS leaving
    FROM (SELECT *, unnest(generate_series(1, len(steps))) AS place FROM swept) AS s
),

judged AS (
    SELECT
        b.person_id,
        h.year + 1 AS year,
        s.died_on,
        h.year + 1 - CAST(extract(YEAR FROM s.birth_date) AS INTEGER) AS age,
        b.odds,
        -- Who is seen before the border only has mostly left before it; a few leave after it unseen, and so with arrivals.
        (b.odds * (1 - b.leaves) * b.later + b.unseen * (b.odds * b.leaving + b.returns * b.later))
        / (b.odds * (1 - b.leaves) * b.later + b.odds * b.leaving + b.returns * b.later + 1 - b.returns)
            AS probability
    FROM borders AS b
    INNER JOIN halves AS h ON h.half = b.half
    INNER JOIN sign_history AS s ON s.person_id = b.person_id
    WHERE b.half % 2 = 0
),

alive AS (
    SELECT
        j.person_id,
        CAST(j.year AS INTEGER) AS year,
        j.odds,
        j.probability,
        CAST(floor(1000 * j.probability) AS INTEGER) AS bucket,
        age_of_signs(j.age) AS age_group
    FROM judged AS j
    WHERE j.died_on IS NULL OR j.died_on >= make_date(CAST(j.year AS INTEGER), 1, 1)
),

-- S6: as many of each year and age are residents as their probabilities add up to; the likeliest are.
buckets AS (
    SELECT
        year,
        age_group,
        bucket,
        count(*) AS persons,
        sum(CAST(round(probability * 1000000) AS BIGINT)) AS expected
    FROM alive
    GROUP BY year, age_group, bucket
),

filled AS (
    SELECT
        year,
        age_group,
        bucket,
        persons,
        sum(persons) OVER (PARTITION BY year, age_group ORDER BY bucket DESC) - persons AS likelier,
        sum(expected) OVER (PARTITION BY year, age_group) / 1000000 AS wanted
    FROM buckets
),

-- Of those at the threshold only a share is needed: always the same persons, for nothing tells them apart.
thresholds AS (
    SELECT
        year,
        age_group,
        min(bucket) AS threshold,
        min_by((wanted - likelier) / persons, bucket) AS share
    FROM filled
    WHERE likelier < wanted
    GROUP BY year, age_group
)

SELECT
    a.person_id,
    a.year,
    ln(a.odds) / ln(2) AS residency_index,
    a.probability,
    CAST(coalesce(t.threshold, 1001) AS DOUBLE) / 1000 AS threshold,
    CASE
        WHEN t.threshold IS NULL THEN FALSE
        WHEN a.bucket = t.threshold
            THEN CAST('0x' || left(md5(a.person_id), 8) AS BIGINT) < t.share * pow(2, 32)
        ELSE a.bucket > t.threshold
    END AS is_resident
FROM alive AS a
LEFT JOIN thresholds AS t ON t.year = a.year AND t.age_group = a.age_group
