import pytest
from hypothesis import given
from hypothesis import strategies as st

from migflow import countries
from migflow.errors import MigflowError
from migflow.standardise import addresses, areas, identifiers, names, words

KOSOVO = countries.load("kosovo")
WORDS = words.load(KOSOVO.folder)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Đorđević", "djordjevic"),
        ("Ђорђевић", "djordjevic"),
        ("Љиљана Његош", "ljiljana njegos"),
        ("Hoxhë Çela", "hoxhe cela"),
        ("  Berisha-Krasniqi ", "berisha krasniqi"),
        ("Gjyl'izar", "gjylizar"),
        ("Živković", "zivkovic"),
        ("Живковић", "zivkovic"),
        ("Цветковић", "cvetkovic"),
        ("", ""),
        (None, ""),
        ("...", ""),
    ],
)
def test_names_of_both_scripts_fold_to_plain_letters(written, folded):
    assert names.fold([written]) == [folded]


@given(st.lists(st.text(max_size=20), max_size=5))
def test_folding_again_changes_nothing(texts):
    once = names.fold(texts)
    assert names.fold(once) == once


@pytest.mark.parametrize(
    ("albanian", "serbian"),
    [("Hoxha", "Hodža"), ("Gjakova", "Đakova"), ("Shala", "Šalja"), ("Qerim", "Ćerim"), ("Zhivko", "Живко")],
)
def test_the_two_languages_spellings_of_a_sound_meet(albanian, serbian):
    left, right = names.sound(names.fold([albanian, serbian]), WORDS.sounds)
    assert left == right


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("Peja", "XK17", "municipality"),
        ("Peć", "XK17", "municipality"),
        ("Пећ", "XK17", "municipality"),
        ("PRISTINA", "XK19", "municipality"),
        ("Prishitna", "XK19", "municipality"),
        ("Mitrovica", "XK11", "municipality"),
        ("Severna Mitrovica", "XK38", "municipality"),
        ("Drenas", "XK03", "municipality"),
        ("Gjermani", "DE", "country"),
        ("Gjermania", "DE", "country"),
        ("Nemačka", "DE", "country"),
        ("Швајцарска", "CH", "country"),
        ("SHBA", "US", "country"),
        ("САД", "US", "country"),
        ("Kosova", "XK", "country"),
        ("SAF", None, "none"),
        ("ku ta di", None, "none"),
        (None, None, "none"),
    ],
)
def test_written_places_are_resolved(text, code, kind):
    (found,) = areas.resolve([text], KOSOVO)
    assert (found.code, found.kind) == (code, kind)
    assert (found.score is None) == (code is None)


def test_every_area_and_provider_country_name_resolves_to_its_own_code():
    municipalities = KOSOVO.municipalities
    for language in ("name", "name_second"):
        found = areas.resolve([getattr(area, language) for area in municipalities], KOSOVO)
        assert [place.code for place in found] == [area.code for area in municipalities]


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("1234567892", True),  # 4+6+6+28+30+30+28+24+18 = 174 = 15 * 11 + 9; 11 - 9 = 2
        ("123 456 7892", True),
        ("1234567891", False),
        ("123456789", False),
        ("12345678920", False),
        ("", False),
        ("9000000001", True),  # exempt
        ("1000000070", False),
    ],
)
def test_personal_number_follows_its_rule(number, holds):
    rule = identifiers.load(KOSOVO.folder)["personal_number"]
    assert identifiers.valid(identifiers.compact([number]), rule).tolist() == [holds]


def test_identifiers_of_another_library_are_asked_there():
    rule = identifiers.load(KOSOVO.folder)["jmbg"]
    assert identifiers.valid(identifiers.compact(["0101006500006", "0101006500007"]), rule).tolist() == [True, False]


def test_a_rule_without_weights_is_refused_by_name(tmp_path):
    (tmp_path / "identifiers.toml").write_text(
        '[id]\nname = "x"\npattern = "^.$"\nsource = "s"\ncertainty = "c"\nchecksum = "weighted_mod_11"\n'
    )
    with pytest.raises(MigflowError, match=r"identifiers.toml, \[id\].*weights"):
        identifiers.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Rr. Agim Ramadani nr. 12, hyrja 2, banesa 7, Prishtinë",
            {
                "street_type": "rr",
                "street": "agim ramadani",
                "number": "12",
                "entrance": "2",
                "dwelling": "7",
                "settlement": "prishtine",
            },
        ),
        (
            "Ulica Majke Tereze br. 12-A, st. 5",
            {"street_type": "ulica", "street": "majke tereze", "number": "12", "number_suffix": "a", "dwelling": "5"},
        ),
        (
            "улица Мајке Терезе бр. 12 улаз 3 стан 4",
            {"street_type": "ulica", "street": "majke tereze", "number": "12", "entrance": "3", "dwelling": "4"},
        ),
        ("Rruga 28 Nëntori 15", {"street_type": "rruga", "street": "28 nentori", "number": "15"}),
        ("Rr. 28 Nëntori pn", {"street_type": "rr", "street": "28 nentori"}),
        ("ul. Kralja Petra b.b.", {"street_type": "ul", "street": "kralja petra"}),
        (
            "Bul. Bill Klinton 12/4, kati III",
            {"street_type": "bul", "street": "bill klinton", "number": "12", "dwelling": "4", "floor": "iii"},
        ),
        ("fshati Isniq nr. 5", {"settlement": "isniq", "number": "5"}),
        ("Isniq 5", {"street": "isniq", "number": "5"}),
        (
            "10000 Prishtinë, Rr. Nëna Terezë, nr 3a",
            {
                "street_type": "rr",
                "street": "nena tereze",
                "number": "3",
                "number_suffix": "a",
                "settlement": "prishtine",
                "postcode": "10000",
            },
        ),
        ("Majke Tereze №7 b. 12", {"street": "majke tereze", "number": "7", "dwelling": "12"}),
        ("...", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_an_address_is_taken_apart(text, parts):
    (parsed,) = addresses.parse([text], WORDS).to_pylist()
    assert {part: value for part, value in parsed.items() if value} == parts


@given(st.text(max_size=400))
def test_any_text_is_parsed_without_an_error(text):
    assert addresses.parse([text], WORDS).num_rows == 1


def test_house_numbers_have_one_form():
    written = ["12 A", "12-a", "12/A", "7", "12/4", "Б", "", None]
    assert addresses.house_numbers(written) == ["12a", "12a", "12a", "7", "12 4", "b", None, None]


def test_words_of_an_unknown_kind_are_refused(tmp_path):
    (tmp_path / "words.toml").write_text('[addresses]\nstairs = ["x"]\n')
    with pytest.raises(MigflowError, match="stairs"):
        words.load(tmp_path)
