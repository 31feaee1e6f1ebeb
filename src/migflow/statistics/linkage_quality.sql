-- How many records of each source were linked to persons, and how many of the links and of the missing ones are
-- expected to be right, by what the records say of themselves.
WITH sent AS (
    SELECT
        'municipal_residence' AS source,
        record_id,
        reference_month,
        sex,
        birth_date,
        coalesce(event_date, declared_on) AS on_day,
        municipality,
        citizenship
    FROM municipal_residence
    UNION ALL
    SELECT
        'civil_registry_events',
        record_id,
        reference_month,
        sex,
        birth_date,
        coalesce(event_date, declared_on),
        municipality,
        NULL
    FROM civil_registry_events
),

latest AS (
    SELECT
        *,
        date_diff('month', birth_date, on_day)
        - CASE WHEN extract(DAY FROM on_day) < extract(DAY FROM birth_date) THEN 1 ELSE 0 END AS months
    FROM sent
    QUALIFY row_number() OVER (PARTITION BY source, record_id ORDER BY reference_month DESC) = 1
),

-- Several persons may be as probable for a record; together they say how probably it means somebody registered.
uncertain AS (
    SELECT
        source,
        record_id,
        sum(CAST(match_probability AS DECIMAL(18, 12))) AS probability
    FROM review_pairs
    WHERE decision IS NULL
    GROUP BY source, record_id
),

-- Decimals, for sums of binary fractions depend on the order. What people linked is taken to be right.
judged AS (
    SELECT
        r.source,
        r.months // 12 AS age,
        coalesce(r.sex, '_U') AS sex,
        coalesce(r.municipality, '_U') AS municipality,
        CASE WHEN r.source = 'municipal_residence' THEN coalesce(r.citizenship, '_U') END AS citizenship,
        l.person_id IS NOT NULL AS linked,
        u.record_id IS NOT NULL AS in_review,
        CAST(CASE WHEN l.pass = 'review' THEN 1 ELSE coalesce(l.match_probability, 0) END AS DECIMAL(18, 12))
            AS probability,
        coalesce(u.probability, 0) AS of_uncertain
    FROM latest AS r
    INNER JOIN person_links AS l ON l.source = r.source AND l.record_id = r.record_id
    LEFT JOIN uncertain AS u ON u.source = r.source AND u.record_id = r.record_id
),

aged AS (
    SELECT
        *,
        CASE
            WHEN age IS NULL THEN '_U'
            WHEN age < 5 THEN 'Y_LT5'
            WHEN age >= 85 THEN 'Y_GE85'
            ELSE 'Y' || CAST(age - age % 5 AS VARCHAR) || 'T' || CAST(age - age % 5 + 4 AS VARCHAR)
        END AS age_group
    FROM judged
),

grouped AS (
    SELECT
        source,
        CASE
            WHEN grouping(sex) = 0 THEN 'sex'
            WHEN grouping(age_group) = 0 THEN 'age_group'
            WHEN grouping(municipality) = 0 THEN 'municipality'
            WHEN grouping(citizenship) = 0 THEN 'citizenship'
            ELSE 'all'
        END AS group_kind,
        coalesce(sex, age_group, municipality, citizenship, '_T') AS group_code,
        count(*) AS records,
        count(*) FILTER (WHERE linked) AS linked,
        coalesce(sum(probability) FILTER (WHERE linked), 0) AS right_links,
        sum(least(greatest(probability, of_uncertain), 1)) AS registered,
        count(*) FILTER (WHERE in_review) AS review_backlog
    FROM aged
    GROUP BY GROUPING SETS (
        (source), (source, sex), (source, age_group), (source, municipality), (source, citizenship)
    )
    HAVING NOT (grouping(citizenship) = 0 AND citizenship IS NULL)
),

-- Groups of fewer than 20 records tell more of persons than of the linkage.
shown AS (
    SELECT
        *,
        records >= 20 AS enough
    FROM grouped
)

SELECT
    source,
    group_kind,
    group_code,
    CASE WHEN enough THEN records END AS records,
    CASE WHEN enough THEN linked END AS linked,
    CASE WHEN enough THEN CAST(linked AS DOUBLE) / records END AS linkage_rate,
    CASE WHEN enough AND linked > 0 THEN CAST(right_links AS DOUBLE) / linked END AS expected_precision,
    CASE WHEN enough AND registered > 0 THEN CAST(right_links AS DOUBLE) / CAST(registered AS DOUBLE) END
        AS expected_recall,
    CASE WHEN enough THEN review_backlog END AS review_backlog
FROM shown
