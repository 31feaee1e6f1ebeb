-- What their own signs tell of each person on each 1 January: the last index, worn by the chance of leaving, and the
-- weights of signs. Rules S5 and S8 of docs/methods.md.
WITH observed AS (
    SELECT
        bit_or(education | employment | benefit | health | document) AS traces,
        bit_or(civil) AS civil
    FROM sign_history
),

halves AS (
    SELECT
        h.half,
        year_of_half(h.half, $first_day) AS year,
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

-- Who has just come has shown nothing of a resident's habits: but for the half-year before, what was known of the
-- person tells of the absence.
rates AS (
    SELECT
        w.*,
        n.here_rate AS new_rate,
        list_position(['education', 'employment', 'benefit', 'health', 'document'], w.sign) - 1 AS place
    FROM sign_weights AS w
    INNER JOIN sign_weights AS n
        ON
            n.sex = w.sex AND n.age_group = w.age_group AND n.half_of_year = w.half_of_year AND n.sign = w.sign
            AND n.known_before = if(w.known_before = 'never', 'no', split_part(w.known_before, '_', 1))
),

-- Every combination of signs, with what each register knew before: a digit in base 3 each, 243 for nothing known.
combinations AS (
    SELECT
        c.now,
        b.before,
        p.place,
        ((c.now >> p.place) & 1) = 1 AS is_shown,
        CASE
            WHEN b.before = 243 THEN 'unknown'
            ELSE ['no', 'yes', 'never'][1 + CAST(floor(b.before / pow(3, p.place)) AS INTEGER) % 3]
        END AS known_before
    FROM (SELECT unnest(generate_series(1, 31)) AS now) AS c
    CROSS JOIN (SELECT unnest(generate_series(0, 243)) AS before) AS b
    CROSS JOIN (SELECT unnest(generate_series(0, 4)) AS place) AS p
),

-- What the signs of a half-year weigh.
signs AS (
    SELECT
        r.sex,
        r.age_group,
        r.half_of_year,
        c.now,
        c.before,
        sum(weight_of_sign(c.is_shown, r.here_rate, r.absent_rate) ORDER BY r.place) AS here,
        sum(weight_of_sign(c.is_shown, r.new_rate, r.absent_rate) ORDER BY r.place) AS new,
        sum(weight_of_sign(c.is_shown, r.leaving_rate, r.absent_rate) ORDER BY r.place) AS leaving,
        sum(weight_of_sign(c.is_shown, r.arriving_rate, r.absent_rate) ORDER BY r.place) AS arriving
    FROM combinations AS c
    INNER JOIN rates AS r ON r.place = c.place AND r.known_before = c.known_before
    GROUP BY r.sex, r.age_group, r.half_of_year, c.now, c.before
),

-- Silence is weighed as a whole; and who has seldom been seen was less likely to be, when seen.
silences AS (
    SELECT
        sex,
        age_group,
        half_of_year,
        known_before,
        weight_of_sign(FALSE, here_rate, absent_rate) AS here,
        weight_of_sign(FALSE, new_rate, absent_rate) AS new,
        weight_of_sign(FALSE, leaving_rate, absent_rate) AS leaving,
        weight_of_sign(FALSE, arriving_rate, absent_rate) AS arriving,
        ln(here_rate / new_rate) AS here_when_seen
    FROM rates
    WHERE sign = 'any'
),

lived AS (
    SELECT
        s.person_id,
        s.sex,
        age_of_signs(h.year - CAST(extract(YEAR FROM s.birth_date) AS INTEGER)) AS age_group,
        s.first_half,
        h.half,
        2 - h.half % 2 AS half_of_year,
        s.is_observed,
        s.education | s.employment | s.benefit | s.health | s.document AS traces,
        s.is_observed AND traces > 0 AS is_traced,
        is_traced AND h.is_covered AS is_weighed,
        h.has_history AND h.half > s.first_half AS knows_history,
        greatest(s.first_half, h.first_covered) AS since,
        CAST(
            ((s.education >> h.half) & 1) + 2 * ((s.employment >> h.half) & 1) + 4 * ((s.benefit >> h.half) & 1)
            + 8 * ((s.health >> h.half) & 1) + 16 * ((s.document >> h.half) & 1) AS INTEGER
        ) AS now,
        if(
            knows_history,
            1 * known_before(s.education, h.half, since) + 3 * known_before(s.employment, h.half, since)
            + 9 * known_before(s.benefit, h.half, since) + 27 * known_before(s.health, h.half, since)
            + 81 * known_before(s.document, h.half, since), 243
        ) AS before,
        least(4, h.half - 1 - since) AS remembered,
        if(
            knows_history,
            known_before_of_any(
                (s.education | s.employment | s.benefit) >> (h.half - 1), (s.health | s.document) >> (h.half - 1),
                traces >> (h.half - 1 - remembered), remembered
            ), 'unknown'
        ) AS known_before,
        h.is_heard,
        ((s.civil >> h.half) & 1) = 1 AS has_spoken,
        -- What people declare and what acts say outweighs all that registers are silent about.
        -8 * ln(2) * (((s.departed & ~s.arrived) >> h.half) & 1) AS said_to_leave,
        -7 * ln(2) * (((s.arrived & ~s.departed) >> (h.half + 1)) & 1) AS said_to_come
    FROM sign_history AS s
    INNER JOIN halves AS h ON h.half >= s.first_half AND h.half <= s.last_half
),

weighed AS (
    SELECT
        l.person_id,
        l.half,
        l.first_half,
        -- Who never leaves a trace shows neither leaving nor coming back.
        if(l.is_traced OR NOT l.is_observed, r.leaves, 0) AS leaves,
        if(
            l.is_traced OR NOT l.is_observed,
            least(0.5, r.come_back / greatest(0.005, r.absent_at_start + r.absent_growth * l.half)), 0
        ) AS returns,
        l.half = l.first_half AND l.first_half > 2 AS is_first,
        CASE
            WHEN l.half > l.first_half OR is_first THEN NULL
            WHEN l.is_observed AND NOT l.is_traced
                THEN r.resident_if_untraced / (1 - r.resident_if_untraced)
            ELSE r.resident_at_start / (1 - r.resident_at_start)
        END AS odds_at_start,
        -- Of those without a trace what they say is all there is to know, so that saying nothing counts as well.
        CASE
            WHEN l.has_spoken THEN 7 * ln(2)
            WHEN l.is_heard AND l.is_observed AND NOT l.is_traced THEN ln(1 - r.speaks)
            ELSE 0
        END AS spoken,
        ln(1 - r.dies) AS lives_on,
        if(l.is_weighed, if(l.now = 0, q.here, s.here + q.here_when_seen), 0) AS here,
        if(l.is_weighed, if(is_first, if(l.now = 0, q.arriving, s.arriving), if(l.now = 0, q.new, s.new)), 0) AS new,
        if(l.is_weighed, if(l.now = 0, q.leaving, s.leaving), 0) AS leaving,
        if(l.is_weighed, if(l.now = 0, q.arriving, s.arriving), 0) AS arriving,
        l.said_to_leave,
        l.said_to_come
    FROM lived AS l
    LEFT JOIN signs AS s
        ON
            s.sex = l.sex AND s.age_group = l.age_group AND s.half_of_year = l.half_of_year
            AND s.now = l.now AND s.before = l.before
    INNER JOIN silences AS q
        ON
            q.sex = l.sex AND q.age_group = l.age_group AND q.half_of_year = l.half_of_year
            AND q.known_before = l.known_before
    INNER JOIN residency_rates AS r ON r.sex = l.sex AND r.age_group = l.age_group
),

-- The ways through a half-year, each by its chance and by how much likelier its signs are than for the absent.
chains AS (
    SELECT
        person_id,
        min(first_half) AS first_half,
        -- Who is born or first arrives within the period is newly come.
        coalesce(max(odds_at_start), 0.0) AS settled_odds,
        CASE WHEN max(odds_at_start) IS NULL THEN 1000.0 ELSE 0.0 END AS new_odds,
        list_sort(list({
            'half': half,
            'settled': exp(bounded(spoken + lives_on + said_to_leave + said_to_come + here)) * (1 - leaves),
            'new': exp(bounded(spoken + lives_on + said_to_leave + said_to_come + new)) * (1 - leaves),
            'leave': exp(bounded(spoken + leaving)) * leaves,
            'come': exp(bounded(spoken + said_to_leave + said_to_come + arriving)) * returns,
            'stay_away': 1 - returns
        })) AS steps
    FROM weighed
    GROUP BY person_id
),

-- S5: forward, the odds of being here, settled and newly come, after each half-year; backward, what the later ones say
-- of either. The newly come are settled after two years on average. Backward the newly come stand first, so that the
-- list turned round has the settled first as well.
swept AS (
    SELECT
        person_id,
        first_half,
        list_reduce(
            steps,
            lambda odds, step: odds || [
                least(1e15, (step.settled * odds[-2] + 0.25 * step.new * odds[-1])
                / (step.leave * (odds[-2] + odds[-1]) + step.stay_away)),
                least(1e15, (0.75 * step.new * odds[-1] + step.come)
                / (step.leave * (odds[-2] + odds[-1]) + step.stay_away))
            ],
            [settled_odds, new_odds]
        ) AS odds,
        list_reverse(list_reduce(
            list_reverse(steps),
            lambda later, step: later || [
                (step.new * (0.25 * later[-1] + 0.75 * later[-2]) + step.leave)
                / (step.come * later[-2] + step.stay_away),
                (step.settled * later[-1] + step.leave) / (step.come * later[-2] + step.stay_away)
            ],
            [1.0, 1.0]
        )) AS later,
        len(steps) AS halves
    FROM chains
),

borders AS (
    SELECT
        person_id,
        first_half + place - 1 AS half,
        odds[2 * place + 1] + odds[2 * place + 2] AS odds,
        odds[2 * place + 1] * later[2 * place + 1] + odds[2 * place + 2] * later[2 * place + 2] AS odds_with_later
    FROM (SELECT *, unnest(generate_series(1, halves)) AS place FROM swept) AS s
),

-- Written before it is sorted: the lists of the chains and the sort together take more memory than there is.
judged AS MATERIALIZED (
    SELECT
        b.person_id,
        h.year + 1 AS year,
        age_of_signs(h.year + 1 - CAST(extract(YEAR FROM s.birth_date) AS INTEGER)) AS age_group,
        ln(b.odds) / ln(2) AS residency_index,
        b.odds_with_later / (1 + b.odds_with_later) AS probability
    FROM borders AS b
    INNER JOIN halves AS h ON h.half = b.half
    INNER JOIN sign_history AS s ON s.person_id = b.person_id
    WHERE b.half % 2 = 0 AND (s.died_on IS NULL OR s.died_on >= make_date(h.year + 1, 1, 1))
)

SELECT
    person_id,
    year,
    age_group,
    residency_index,
    probability
FROM judged
