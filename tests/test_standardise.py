import pytest
from hypothesis import given
from hypothesis import strategies as st

from migflow import countries
from migflow.errors import MigflowError
from migflow.standardise import areas, identifiers, names, words

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


def test_words_of_an_unknown_kind_are_refused(tmp_path):
    (tmp_path / "words.toml").write_text('[addresses]\nstairs = ["x"]\n')
    with pytest.raises(MigflowError, match="stairs"):
        words.load(tmp_path)
