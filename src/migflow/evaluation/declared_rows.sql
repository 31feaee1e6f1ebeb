-- The declarations of registered persons: what each row says, whom it truly means and which dwellings; `household` is
-- common to rows written in one go, of one move to or from one dwelling.
WITH latest AS (
    SELECT *
    FROM municipal_residence
    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY reference_month DESC) = 1
)

SELECT
    m.record_id,
    j.true_person AS person,
    m.personal_number AS number,
    first_names.folded AS first_name,
    surnames.folded AS surname,
    m.birth_date,
    m.sex,
    t.address_id AS current_address,
    CASE WHEN m.previous_address IS NOT NULL THEN t.previous_address_id END AS previous_address,
    sha256(concat_ws('|', m.provider, m.declared_on, m.event_type, t.address_id)) AS household
FROM latest AS m
INNER JOIN judged_links AS j ON j.source = 'municipal_residence' AND j.record_id = m.record_id AND j.is_linkable
INNER JOIN truth_records AS t
    ON t.source = 'municipal_residence' AND t.record_id = m.record_id AND t.reference_month = m.reference_month
LEFT JOIN folded_names AS first_names ON first_names.text = m.first_name
LEFT JOIN folded_names AS surnames ON surnames.text = m.surname
