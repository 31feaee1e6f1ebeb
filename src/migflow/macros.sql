-- age_of_signs: age groups within which signs of life are alike.
CREATE OR REPLACE TEMP MACRO age_of_signs(age) AS CASE
    WHEN age < 6 THEN 'Y_LT6'
    WHEN age < 18 THEN 'Y6T17'
    WHEN age < 25 THEN 'Y18T24'
    WHEN age < 40 THEN 'Y25T39'
    WHEN age < 65 THEN 'Y40T64'
    ELSE 'Y_GE65'
END;
-- year_of_half: the year of a half-year; half-year 1 begins the year before the first day.
CREATE OR REPLACE TEMP MACRO year_of_half(half, first_day) AS
    CAST(extract(YEAR FROM CAST(first_day AS DATE)) - 1 + floor((half - 1) / 2) AS INTEGER);
-- halves_of: the half-years whose bits are set.
CREATE OR REPLACE TEMP MACRO halves_of(bits) AS
    list_filter(generate_series(1, 62), lambda half: ((bits >> half) & 1) = 1);
-- known_before: what a register, by its bits, knew before a half-year. 1: had a sign in the one before; 2: had none in
-- the two years before, all of them after half-year `since`; 0: neither.
CREATE OR REPLACE TEMP MACRO known_before(bits, half, since) AS CASE
    WHEN ((bits >> (half - 1)) & 1) = 1 THEN 1
    WHEN half - 4 >= since AND ((bits >> (half - 4)) & 15) = 0 THEN 2
    ELSE 0
END;
-- known_before_of_any: what all registers together knew before a half-year: whether a roll, a contact or both showed
-- somebody in the one before it, and in how many of the `halves` half-years before that any did ('contact_2of4').
CREATE OR REPLACE TEMP MACRO known_before_of_any(on_roll, in_contact, traces, halves) AS
    ['no', 'contact', 'roll', 'both'][1 + CAST(2 * (on_roll & 1) + (in_contact & 1) AS INTEGER)]
    || if(halves > 0, '_' || bit_count(traces & ((1 << halves) - 1)) || 'of' || halves, '');
-- weight_of_sign: how much likelier it is to be shown, or not to be, at a rate than at that of the absent, as natural
-- logarithm.
CREATE OR REPLACE TEMP MACRO weight_of_sign(is_shown, rate, absent_rate) AS
    ln(if(is_shown, rate / absent_rate, (1 - rate) / (1 - absent_rate)));
-- several_signs: half-years in which at least two registers have seen somebody.
CREATE OR REPLACE TEMP MACRO several_signs(education, employment, benefit, health, document) AS
    (education & (employment | benefit | health | document)) | (employment & (benefit | health | document))
    | (benefit & (health | document)) | (health & document);
-- signs_of_return: half-years with which a stay begins, not a visit: two registers see the person in it and the next
-- one, or a doctor does in both.
CREATE OR REPLACE TEMP MACRO signs_of_return(education, employment, benefit, health, document) AS
    (education | employment | benefit | health | document) & (
        several_signs(
            education | (education >> 1), employment | (employment >> 1), benefit | (benefit >> 1),
            health | (health >> 1), document | (document >> 1)
        ) | (health & (health >> 1))
    );
-- bounded: no half-year outweighs all others.
CREATE OR REPLACE TEMP MACRO bounded(weight) AS least(28, greatest(-28, weight));
