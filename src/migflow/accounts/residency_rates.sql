-- How many of the registered are here at the start, how many leave and come back, how many leave no trace. Rule S4.
WITH histories AS (
    SELECT
        *,
        education | employment | benefit | health | document AS traces
    FROM sign_history
    WHERE is_observed
),

covered AS (
    SELECT unnest(halves_of(bit_or(traces))) AS half FROM histories
),

-- Everybody registered throughout four half-years for which other registers have sent something, or gone throughout.
windows AS (
    SELECT
        h.person_id,
        h.sex,
        c.half,
        h.traces,
        (h.traces >> (c.half - 3)) & 15 AS trace,
        ((h.gone >> (c.half - 3)) & 15) = 15 AS is_gone,
        ((h.civil >> (c.half + 1)) & 15) > 0 AND (((h.arrived | h.gone) >> (c.half + 1)) & 15) = 0 AS is_certain,
        age_of_signs(
            year_of_half(c.half, $first_day) - CAST(extract(YEAR FROM h.birth_date) AS INTEGER)
        ) AS age_group,
        min(c.half) OVER () AS first_window
    FROM histories AS h
    INNER JOIN covered AS c
        ON
            c.half - 3 >= h.first_half AND c.half <= h.last_half
            AND (
                ((h.registered >> (c.half - 3)) & 15) = 15
                OR ((h.gone >> (c.half - 3)) & 15) = 15
            )
    INNER JOIN covered AS f ON f.half = c.half - 3
),

-- Moves count from the first day on, that is from half-year 3. A trace of four half-years is a bit each, the first
-- lowest: in the first only, in the first two, in the last two. Rolls run by the year, so whole years are compared.
counted AS (
    SELECT
        sex,
        age_group,
        count(*) FILTER (WHERE NOT is_gone AND half > 5) AS registered,
        count(*) FILTER (WHERE NOT is_gone AND half > 5 AND half % 2 = 0) AS registered_years,
        count(*) FILTER (WHERE NOT is_gone AND half > 5 AND half % 2 = 0 AND (trace & 3) > 0) AS with_trace,
        count(*) FILTER (WHERE NOT is_gone AND half > 5 AND trace = 1) AS fell_silent,
        count(*) FILTER (WHERE NOT is_gone AND half = first_window) AS at_start,
        count(*) FILTER (WHERE NOT is_gone AND half = first_window AND (trace & 3) > 0) AS at_start_with_trace,
        count(*) FILTER (WHERE NOT is_gone AND half = first_window AND traces = 0) AS at_start_untraced,
        count(*) FILTER (WHERE NOT is_gone AND is_certain) AS certain,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND half > 5) AS certain_later,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND half % 2 = 0) AS certain_years,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND half % 2 = 0 AND (trace & 12) > 0) AS certain_with_trace,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND half > 5 AND trace = 1) AS certain_fell_silent,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND traces = 0) AS certain_untraced,
        count(*) FILTER (WHERE is_gone) AS gone
    FROM windows
    GROUP BY sex, age_group
),

-- Who declared a departure is back on declaring an arrival, or on being seen by two registers at once; who was seen so
-- in the first half-year of absence is left out, for that may be the end of a stay.
absences AS (
    SELECT
        person_id,
        half,
        min(CASE WHEN is_back THEN half END) OVER (PARTITION BY person_id) AS back_in
    FROM (
        SELECT
            h.person_id,
            c.half,
            (
                (h.arrived | several_signs(h.education, h.employment, h.benefit, h.health, h.document)) >> c.half
            ) & 1 = 1 AS is_back
        FROM histories AS h
        INNER JOIN covered AS c ON ((h.gone >> (c.half - 1)) & 1) = 1 AND c.half <= h.last_half
        WHERE h.gone & ~(h.gone << 1) & several_signs(h.education, h.employment, h.benefit, h.health, h.document) = 0
    ) AS followed
),

-- In how many half-years the registered declare something, are in an act or die, by age in the middle of the period.
spoken AS (
    SELECT
        sex,
        age_of_signs(age) AS age_group,
        (sum(bit_count(civil & lived)) + 0.1) / (sum(bit_count(lived)) + 10) AS speaks,
        count(*) FILTER (WHERE died_on IS NOT NULL AND ((lived >> last_half) & 1) = 1)
        / (sum(bit_count(lived)) + 10) AS dies
    FROM (
        SELECT
            h.sex,
            h.civil,
            h.died_on,
            h.last_half,
            ((CAST(1 AS BIGINT) << (h.last_half + 1)) - (CAST(1 AS BIGINT) << h.first_half))
            & c.halves & ~h.gone AS lived,
            CAST(extract(YEAR FROM CAST($first_day AS DATE)) AS INTEGER) + c.years / 2
            - CAST(extract(YEAR FROM h.birth_date) AS INTEGER) AS age
        FROM histories AS h
        CROSS JOIN (SELECT bit_or(civil) AS halves, bit_count(bit_or(civil)) / 2 AS years FROM histories) AS c
    ) AS registered
    GROUP BY ALL
),

-- How often the absent are seen who were not in the half-year before: on visits.
groups AS (
    SELECT
        sex,
        age_group,
        avg(absent_rate) AS visits
    FROM sign_weights
    WHERE sign = 'any' AND known_before = 'no'
    GROUP BY sex, age_group
),

shares AS (
    SELECT
        g.sex,
        g.age_group,
        g.visits,
        coalesce(c.registered, 0) AS registered,
        coalesce(c.certain, 0) AS certain,
        coalesce(c.gone, 0) AS gone,
        coalesce((c.with_trace + 0.0) / nullif(c.registered_years, 0), 0) AS seen,
        coalesce((c.fell_silent + 0.0) / nullif(c.registered, 0), 0) AS silent,
        (coalesce(c.certain_fell_silent, 0) + 0.0) / (coalesce(c.certain_later, 0) + 1) AS certain_silent,
        (coalesce(c.at_start_with_trace, 0) + 0.95) / (coalesce(c.at_start, 0) + 1) AS seen_at_start,
        (coalesce(c.certain_with_trace, 0) + 5 * (coalesce(sum(c.certain_with_trace) OVER (), 0) + 0.95)
        / (coalesce(sum(c.certain_years) OVER (), 0) + 1)) / (coalesce(c.certain_years, 0) + 5) AS certain_seen,
        1 - pow(1 - g.visits, 2) AS gone_seen,
        coalesce(c.at_start, 0) AS at_start,
        coalesce(c.at_start_untraced, 0) AS at_start_untraced,
        (coalesce(sum(c.certain_untraced) OVER (), 0) + 0.5) / (coalesce(sum(c.certain) OVER (), 0) + 100) AS untraced
    FROM groups AS g
    LEFT JOIN counted AS c ON c.sex = g.sex AND c.age_group = g.age_group
),

residents AS (
    SELECT
        *,
        greatest(0.5, least(0.999, (seen_at_start - gone_seen) / greatest(0.1, certain_seen - gone_seen)))
            AS resident_at_start,
        greatest(0.5, least(0.999, (seen - gone_seen) / greatest(0.1, certain_seen - gone_seen))) AS resident
    FROM shares
),

-- Every year of which other registers sent both halves, by its second half, and the half-years from first to last.
years AS (
    SELECT
        c.half,
        min(c.half) OVER () - 1 AS first_half,
        (CAST(1 AS BIGINT) << (max(c.half) OVER () - min(c.half) OVER () + 2)) - 1 AS whole_period
    FROM covered AS c
    INNER JOIN covered AS b ON b.half = c.half - 1
    WHERE c.half % 2 = 0
),

-- Stock: the share absent in each year of those registered throughout or back by declaration, from how many fewer are
-- seen than residents are.
cohort AS (
    SELECT
        half,
        greatest(0, least(0.5, sum(persons * (certain_seen - is_seen) ORDER BY sex, age_group, is_seen)
        / sum(persons * greatest(0.1, certain_seen - gone_seen) ORDER BY sex, age_group, is_seen))) AS absent
    FROM (
        SELECT
            y.half,
            r.sex,
            r.age_group,
            r.certain_seen,
            r.gone_seen,
            CASE WHEN ((h.traces >> (y.half - 1)) & 3) > 0 THEN 1 ELSE 0 END AS is_seen,
            count(*) AS persons
        FROM histories AS h
        INNER JOIN years AS y ON (((h.registered | h.arrived) >> y.first_half) & y.whole_period) = y.whole_period
        INNER JOIN residents AS r
            ON
                r.sex = h.sex
                AND r.age_group = age_of_signs(
                    year_of_half(y.half, $first_day) - CAST(extract(YEAR FROM h.birth_date) AS INTEGER)
                )
        GROUP BY ALL
    ) AS counted_persons
    GROUP BY half
),

-- One year tells no growth.
stock AS (
    SELECT
        CASE WHEN count(*) > 1 THEN regr_slope(absent, half ORDER BY half) END AS growth,
        CASE WHEN count(*) > 1 THEN regr_intercept(absent, half ORDER BY half) ELSE coalesce(max(absent), 0.05) END
            AS at_start,
        greatest(0.005, coalesce(avg(absent ORDER BY half), 0.05)) AS absent
    FROM cohort
),

-- Flow back: as many in each half-year, of a number that grows. Without departures declared, 3 % of the absent.
comebacks AS (
    SELECT (coalesce(sum(a.backs), 0) + 0.3) / (
        coalesce(sum(a.persons / greatest(0.005, s.at_start + coalesce(s.growth, 0) * a.half) ORDER BY a.half), 0)
        + 10 / any_value(s.absent)
    ) AS come_back
    FROM stock AS s
    LEFT JOIN (
        SELECT
            half,
            count(*) AS persons,
            count(*) FILTER (WHERE half = back_in) AS backs
        FROM absences
        WHERE half <= coalesce(back_in, half)
        GROUP BY half
    ) AS a ON TRUE
),

-- Who falls silent for a year and a half has left, but for residents who do so and for the absent after a visit.
departures AS (
    SELECT
        *,
        greatest(0.0005, least(0.1, (silent / pow(1 - visits, 3) - (1 - resident) * visits) / resident
        - certain_silent / pow(1 - visits, 3))) AS falls_silent
    FROM residents
),

everybody AS (
    SELECT sum(registered * falls_silent ORDER BY sex, age_group) / nullif(sum(registered), 0) AS falls_silent
    FROM departures
)

SELECT
    d.sex,
    d.age_group,
    d.registered,
    d.certain,
    d.gone,
    d.resident_at_start,
    -- Flow out: what the stock has grown by and what has come back, among ages as they fall silent.
    greatest(0.0002, least(0.1, coalesce(
        (s.growth + c.come_back) / (1 - s.absent) * d.falls_silent / e.falls_silent, d.falls_silent
    ))) AS leaves,
    c.come_back,
    s.at_start AS absent_at_start,
    coalesce(s.growth, 0) AS absent_growth,
    d.untraced,
    least(0.5, coalesce(p.speaks, 0.01) / d.resident_at_start) AS speaks,
    least(0.5, coalesce(p.dies, 0) / d.resident_at_start) AS dies,
    -- Residents who leave no trace, among all at the start who leave none.
    greatest(0.01, least(0.99, (d.untraced * d.resident_at_start * d.at_start + 0.1) / (d.at_start_untraced + 1)))
        AS resident_if_untraced
FROM departures AS d
CROSS JOIN stock AS s
CROSS JOIN comebacks AS c
CROSS JOIN everybody AS e
LEFT JOIN spoken AS p ON p.sex = d.sex AND p.age_group = d.age_group
