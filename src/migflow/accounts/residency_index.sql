-- Who is taken for a resident on each 1 January: by their own signs and those of their households, as many as the
-- probabilities add up to. Rules S6 and S7 of docs/methods.md.
WITH homes AS (
    SELECT
        person_id,
        municipality,
        address_id,
        from_date,
        coalesce(to_date, DATE '9999-12-31') AS to_date,
        lead(from_date, 1, DATE '9999-12-31') OVER (PARTITION BY person_id ORDER BY from_date) AS until
    FROM residence_spells
),

-- The municipality of the last residence before the day, though it may have ended; the dwelling only if it has not.
own AS (
    SELECT
        c.person_id,
        c.year,
        c.age_group,
        c.residency_index,
        c.probability,
        h.municipality,
        if(h.to_date >= make_date(c.year, 1, 1), h.address_id, NULL) AS dwelling
    FROM residency_chain AS c
    LEFT JOIN homes AS h
        ON
            h.person_id = c.person_id
            AND h.from_date < make_date(c.year, 1, 1) AND h.until >= make_date(c.year, 1, 1)
),

-- The odds of being away that age alone tells. Sums are of whole numbers, which come out alike in whatever order.
usual AS (
    SELECT
        year,
        age_group,
        sum(CAST(round(probability * 1000000) AS BIGINT)) / (1000000 * count(*)) AS here,
        (1 - least(0.9999, here)) / greatest(0.0001, here) AS away_odds
    FROM own
    WHERE dwelling IS NOT NULL
    GROUP BY year, age_group
),

-- Households: who is registered at one dwelling. More than twenty are an institution or a mistake.
households AS (
    SELECT
        year,
        dwelling,
        count(*) AS size,
        sum(CAST(round((1 - probability) * 10000) AS BIGINT)) AS away,
        sum(CAST(round(pow((1 - probability) * 10000, 2)) AS BIGINT)) AS squares,
        bool_or(probability BETWEEN 0.002 AND 0.998) AS is_uncertain
    FROM own
    WHERE dwelling IS NOT NULL
    GROUP BY year, dwelling
    HAVING size BETWEEN 2 AND 20
),

tallies AS (
    SELECT
        year,
        size,
        count(*) AS households,
        sum(away) AS away,
        sum(squares) AS squares,
        sum(away * away - squares) AS products
    FROM households
    GROUP BY year, size
),

-- How alike members are: the covariance of their probabilities, made smaller twice by signs that do not tell all, to
-- the variance of presence itself; and the beta distribution of the share away that has this mean and likeness. Each
-- person counts once, with the mean of the others. What chance alone brings about tells nothing.
moments AS (
    SELECT
        year,
        sum(away) / sum(households * size) / 10000 AS away_mean,
        sum(squares) / sum(households * size) / 100000000 - pow(away_mean, 2) AS variance,
        sum(products / (size - 1) ORDER BY size) / sum(households * size) / 100000000 - pow(away_mean, 2) AS covariance,
        least(0.95, covariance * away_mean * (1 - away_mean) / pow(variance, 2)) AS likeness,
        away_mean * (1 / likeness - 1) AS away_weight,
        (1 - away_mean) * (1 / likeness - 1) AS here_weight
    FROM tallies
    GROUP BY year
    HAVING
        variance > 0.000001 AND likeness > 0.05
        AND covariance > 2 * variance / sqrt(sum(households * size * (size - 1)) / 2)
),

-- The share of a household that is away in steps of its log odds, and how often households have it, as logarithm; the
-- first and the last step hold the tails.
shares AS (
    SELECT
        m.year,
        list({
            'odds': g.odds,
            'chance': m.away_weight * ln(g.odds / (1 + g.odds)) - m.here_weight * ln(1 + g.odds) + CASE g.step
                WHEN -9 THEN ln(0.5 + 1 / m.away_weight)
                WHEN 9 THEN ln(0.5 + 1 / m.here_weight)
                ELSE 0
            END
        } ORDER BY g.step) AS shares
    FROM moments AS m
    CROSS JOIN (SELECT *, exp(step) AS odds FROM (SELECT unnest(generate_series(-9, 9)) AS step)) AS g
    GROUP BY m.year
),

-- How much likelier the own signs of each member make it to be here than age does.
members AS (
    SELECT
        o.year,
        o.dwelling,
        list({
            'person_id': o.person_id,
            'ratio': greatest(1e-6, o.probability) / greatest(1e-6, 1 - o.probability) * u.away_odds,
            'away_odds': u.away_odds / (m.away_mean / (1 - m.away_mean))
        } ORDER BY o.person_id) AS members
    FROM own AS o
    INNER JOIN households AS h ON h.year = o.year AND h.dwelling = o.dwelling AND h.is_uncertain
    INNER JOIN usual AS u ON u.year = o.year AND u.age_group = o.age_group
    INNER JOIN moments AS m ON m.year = o.year
    GROUP BY o.year, o.dwelling
),

-- S6: how often households with such signs have each share of members away, and each member with it.
weighed AS (
    SELECT
        m.year,
        m.members,
        list_transform(
            s.shares,
            lambda share: {
                'odds': share.odds,
                'chance': exp(share.chance + list_sum(list_transform(
                    m.members,
                    lambda member: ln(
                        (member.ratio + share.odds * member.away_odds) / (1 + share.odds * member.away_odds)
                    )
                )))
            }
        ) AS shares
    FROM members AS m
    INNER JOIN shares AS s ON s.year = m.year
),

told AS (
    SELECT
        year,
        member.person_id AS person_id,
        list_sum(list_transform(
            shares,
            lambda share: share.chance * member.ratio / (member.ratio + share.odds * member.away_odds)
        )) / list_sum(list_transform(shares, lambda share: share.chance)) AS probability
    FROM (SELECT year, shares, unnest(members) AS member FROM weighed)
),

alive AS (
    SELECT
        o.person_id,
        o.year,
        o.age_group,
        o.municipality,
        o.residency_index,
        o.probability AS own_probability,
        coalesce(t.probability, o.probability) AS probability,
        CAST(floor(1000 * coalesce(t.probability, o.probability)) AS INTEGER) AS bucket
    FROM own AS o
    LEFT JOIN told AS t ON t.person_id = o.person_id AND t.year = o.year
),

-- S7: as many of each year and age are residents as their own probabilities add up to, in each municipality by the
-- share that the households tell; the likeliest are.
buckets AS (
    SELECT
        year,
        municipality,
        age_group,
        bucket,
        count(*) AS persons,
        sum(CAST(round(own_probability * 1000000) AS BIGINT)) AS own_expected,
        sum(CAST(round(probability * 1000000) AS BIGINT)) AS expected
    FROM alive
    GROUP BY year, municipality, age_group, bucket
),

filled AS (
    SELECT
        year,
        municipality,
        age_group,
        bucket,
        persons,
        sum(persons) OVER (PARTITION BY year, municipality, age_group ORDER BY bucket DESC) - persons AS likelier,
        sum(expected) OVER (PARTITION BY year, municipality, age_group) / 1000000
        * sum(own_expected) OVER (PARTITION BY year, age_group)
        / nullif(sum(expected) OVER (PARTITION BY year, age_group), 0) AS wanted
    FROM buckets
),

-- Of those at the threshold only a share is needed: always the same persons, for nothing tells them apart.
thresholds AS (
    SELECT
        year,
        municipality,
        age_group,
        min(bucket) AS threshold,
        min_by((wanted - likelier) / persons, bucket) AS share
    FROM filled
    WHERE likelier < wanted
    GROUP BY year, municipality, age_group
)

SELECT
    a.person_id,
    a.year,
    a.residency_index,
    a.probability,
    CAST(coalesce(t.threshold, 1001) AS DOUBLE) / 1000 AS threshold,
    CASE
        WHEN t.threshold IS NULL THEN FALSE
        WHEN a.bucket = t.threshold
            THEN CAST('0x' || left(md5(a.person_id), 8) AS BIGINT) < t.share * pow(2, 32)
        ELSE a.bucket > t.threshold
    END AS is_resident
FROM alive AS a
LEFT JOIN thresholds AS t
    ON t.year = a.year AND t.municipality = a.municipality AND t.age_group = a.age_group
