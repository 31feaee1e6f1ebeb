-- How many of the registered are here at the start, how many leave and come back, how many leave no trace. Rule S4.
WITH histories AS (
    SELECT
        *,
        education | employment | benefit | health | document AS traces
    FROM sign_history
    WHERE is_observed
),

covered AS (
    SELECT o.half
    FROM (SELECT unnest(generate_series(1, 62)) AS half) AS o
    CROSS JOIN (SELECT bit_or(traces) AS traces FROM histories) AS t
    WHERE ((t.traces >> o.half) & 1) = 1
),

-- Everybody registered throughout four half-years for which other registers have sent something, or gone throughout.
windows AS (
    SELECT
        h.person_id,
        c.half,
        h.traces,
        (h.traces >> (c.half - 3)) & 15 AS trace,
        ((h.gone >> (c.half - 3)) & 15) = 15 AS is_gone,
        ((h.civil >> (c.half + 1)) & 15) > 0 AND (((h.arrived | h.gone) >> (c.half + 1)) & 15) = 0 AS is_certain,
        CAST(extract(YEAR FROM CAST($first_day AS DATE)) - 1 + floor((c.half - 1) / 2) AS INTEGER)
        - CAST(extract(YEAR FROM h.birth_date) AS INTEGER) AS age
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

grouped AS (
    SELECT
        *,
        age_of_signs(age) AS age_group,
        min(half) OVER () AS first_window
    FROM windows
),

-- Moves count from the first day on, that is from half-year 3. Of four half-years: a trace in the first two; a trace in the first only; in the last only.
counted AS (
    SELECT
        age_group,
        count(*) FILTER (WHERE NOT is_gone AND half > 5) AS registered,
        count(*) FILTER (WHERE NOT is_gone AND half > 5 AND trace = 1) AS fell_silent,
        count(*) FILTER (WHERE NOT is_gone AND half > 5 AND trace = 8) AS reappeared,
        avg(half - first_window) FILTER (WHERE NOT is_gone AND half > 5) AS halves_since_start,
        count(*) FILTER (WHERE NOT is_gone AND half = first_window) AS at_start,
        count(*) FILTER (WHERE NOT is_gone AND half = first_window AND (trace & 3) > 0) AS at_start_with_trace,
        count(*) FILTER (WHERE NOT is_gone AND half = first_window AND traces = 0) AS at_start_untraced,
        count(*) FILTER (WHERE NOT is_gone AND is_certain) AS certain,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND half > 5) AS certain_later,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND (trace & 12) > 0) AS certain_with_trace,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND half > 5 AND trace = 1) AS certain_fell_silent,
        count(*) FILTER (WHERE NOT is_gone AND is_certain AND traces = 0) AS certain_untraced,
        count(*) FILTER (WHERE is_gone) AS gone,
        count(*) FILTER (WHERE is_gone AND (trace & 12) > 0) AS gone_with_trace,
        count(*) FILTER (WHERE is_gone AND (trace & 14) = 0) AS gone_silent
    FROM grouped
    GROUP BY age_group
),

-- In how many half-years of a declared departure no register has seen the person any more.
departures AS (
    SELECT
        (count(*) FILTER (WHERE ((h.traces >> c.half) & 1) = 0) + 1.0) / (count(*) + 5.0) AS unseen
    FROM histories AS h
    INNER JOIN covered AS c
        ON
            ((h.gone >> (c.half + 1)) & 1) = 1
            AND ((h.gone >> c.half) & 1) = 0
            AND ((h.registered >> (c.half - 1)) & 1) = 1
),

-- In how many half-years the registered declare something or are in an act, by age in the middle of the period.
spoken AS (
    SELECT
        age_of_signs(age) AS age_group,
        (sum(bit_count(civil & lived)) + 0.1) / (sum(bit_count(lived)) + 10) AS speaks
    FROM (
        SELECT
            h.civil,
            ((CAST(1 AS BIGINT) << (h.last_half + 1)) - (CAST(1 AS BIGINT) << h.first_half)) & c.halves & ~h.gone AS lived,
            CAST(extract(YEAR FROM CAST($first_day AS DATE)) AS INTEGER) + c.years / 2
            - CAST(extract(YEAR FROM h.birth_date) AS INTEGER) AS age
        FROM histories AS h
        CROSS JOIN (SELECT bit_or(civil) AS halves, bit_count(bit_or(civil)) / 2 AS years FROM histories) AS c
    ) AS registered
    GROUP BY 1
),

groups AS (
    SELECT g.age_group
    FROM (SELECT unnest(['Y_LT6', 'Y6T17', 'Y18T24', 'Y25T64', 'Y_GE65']) AS age_group) AS g
    WHERE EXISTS (SELECT 1 FROM covered)
),

shares AS (
    SELECT
        g.age_group,
        coalesce(c.registered, 0) AS registered,
        coalesce(c.certain, 0) AS certain,
        coalesce(c.gone, 0) AS gone,
        coalesce((c.fell_silent + 0.0) / nullif(c.registered, 0), 0) AS silent,
        coalesce((c.reappeared + 0.0) / nullif(c.registered, 0), 0) AS back,
        (coalesce(c.certain_fell_silent, 0) + 0.0) / (coalesce(c.certain_later, 0) + 1) AS certain_silent,
        (coalesce(c.at_start_with_trace, 0) + 0.95) / (coalesce(c.at_start, 0) + 1) AS seen_at_start,
        (coalesce(c.certain_with_trace, 0) + 0.95) / (coalesce(c.certain, 0) + 1) AS certain_seen,
        (sum(c.gone_with_trace) OVER () + 0.05) / (sum(c.gone) OVER () + 1) AS gone_seen,
        coalesce(c.halves_since_start, 0) AS halves_since_start,
        coalesce(c.at_start, 0) AS at_start,
        coalesce(c.at_start_untraced, 0) AS at_start_untraced,
        (sum(c.gone_silent) OVER () + 0.8) / (sum(c.gone) OVER () + 1) AS gone_silent,
        (sum(c.certain_untraced) OVER () + 0.5) / (sum(c.certain) OVER () + 100) AS untraced
    FROM groups AS g
    LEFT JOIN counted AS c ON c.age_group = g.age_group
),

started AS (
    SELECT
        *,
        greatest(0.5, least(0.999, (seen_at_start - coalesce(gone_seen, 0.05))
        / greatest(0.1, certain_seen - coalesce(gone_seen, 0.05)))) AS resident_at_start
    FROM shares
),

left_country AS (
    SELECT
        *,
        greatest(0.0005, least(0.1, (silent - certain_silent) / resident_at_start / coalesce(gone_silent, 0.8))) AS leaves
    FROM started
)

SELECT
    l.age_group,
    registered,
    certain,
    gone,
    resident_at_start,
    leaves,
    -- Too few come back to tell ages apart. Among residents silences begin as often as they end.
    greatest(0.0005, least(0.2, coalesce(
        sum(registered * (back - certain_silent)) OVER ()
        / nullif(sum(registered * (1 - resident_at_start + leaves * halves_since_start)) OVER (), 0), 0
    ))) AS returns,
    coalesce(l.untraced, 0.005) AS untraced,
    least(0.5, coalesce(s.speaks, 0.01) / resident_at_start) AS speaks,
    -- Residents who leave no trace, among all at the start who leave none.
    greatest(0.01, least(0.99, (coalesce(l.untraced, 0.005) * resident_at_start * at_start + 0.1) / (at_start_untraced + 1)))
        AS resident_if_untraced,
    unseen AS leaves_unseen
FROM left_country AS l
LEFT JOIN spoken AS s ON s.age_group = l.age_group
CROSS JOIN departures
