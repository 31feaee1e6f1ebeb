"""Names across scripts and languages: which meet, which stay apart, and that no text stops a run."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.errors import MigflowError
from migflow.standardise import names

SAME = [
    ("Hoxha", "Hodža"),
    ("Hoxha", "Хоџа"),
    ("Gjakova", "Đakova"),
    ("Xhevahire", "Dževahira"),
    ("Qerim", "Ćerim"),
    ("Shala", "Šalja"),
    ("Ђорђевић", "Djordjevic"),
    ("Љиљана", "Ljiljana"),
    ("Юлия", "Yuliya"),
    ("Щербаков", "Shcherbakov"),
    ("Евгений", "Yevgeny"),
    ("Хуршида", "Xurshida"),
    ("Ғайрат", "G‘ayrat"),
    ("Тўлқин", "To'lqin"),
    ("Ҷамшед", "Jamshed"),
    ("Нұрсұлтан", "Nursultan"),
    ("Үсөн", "Uson"),
    ("محمد", "Mohammed"),
    ("محمد", "Мухаммад"),
    ("عبد الرحمن", "Abdulrahman"),
    ("عبدالرحمن", "Abd al-Rahman"),
    ("Abdurrahman", "Абдурахман"),
    ("نسرین", "Nasrin"),
    ("ھەڤاڵ", "Heval"),
    ("Şêrko", "شێرکۆ"),
    ("Çelik", "Chelik"),
    ("Petroviq", "Petrović"),
    ("Stojkoviqi", "Стојковић"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_one_name_in_two_orthographies_is_alike(left, right):
    assert names.similarity([left], [right])[0] > 0.7


APART = [
    ("Marko", "Milan"),
    ("Agim", "Arben"),
    ("Ivanov", "Petrov"),
    ("Владимир", "Владислав"),
    ("محمد", "Hamid"),
    ("Ali", "Vali"),
    ("Зухра", "Фатима"),
]


@pytest.mark.parametrize(("left", "right"), APART)
def test_two_names_are_apart(left, right):
    assert names.similarity([left], [right])[0] < 0.6


FULL = [
    ("Besnik Krasniqi", "KRASNIQI, Besnik"),
    ("Иванов Сергей Петрович", "Sergei Ivanov"),
    ("Асанов Бакыт Темир уулу", "Bakyt Asanov"),
    ("Karimov Olim Rustam o‘g‘li", "Каримов Олим"),
    ("أحمد بن علي الحسن", "Ahmad Ali al-Hasan"),
    ("Berisha-Krasniqi Teuta", "Teuta Berisha Krasniqi"),
    ("Jovanović M. Petar", "Петар Јовановић"),
    ("Nur Ali Hasan", "Nurali Hasan"),
]


@pytest.mark.parametrize(("left", "right"), FULL)
def test_full_names_meet_in_any_order_and_without_their_patronymic(left, right):
    assert names.similarity([left], [right])[0] > 0.7


def test_an_initial_stands_for_a_name_that_begins_so_and_for_no_other():
    same = [("A. Krasniqi", "Agim Krasniqi"), ("Ж. Ивановић", "Želimir Ivanović"), ("J. P. Tito", "Josip Pavle Tito")]
    other = [("B. Krasniqi", "Agim Krasniqi"), ("J. P. Tito", "Milan Petar Tito")]
    assert min(names.similarity(*map(list, zip(*same, strict=True)))) > 0.7
    assert max(names.similarity(*map(list, zip(*other, strict=True)))) < 0.6


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Ivan Sergeevich Petrov", "Ivan Sergeevich Kuznetsov"),
        ("محمد علي", "Mohammed Hassan"),
        ("Agim Krasniqi", "Agim Berisha"),
    ],
)
def test_a_shared_first_name_does_not_make_one_person(left, right):
    assert names.similarity([left], [right])[0] < 0.6


def test_a_cyrillic_letter_in_a_latin_name_is_read_as_the_latin_one():
    assert names.similarity(["Mаria", "Кучкумаp"], ["Maria", "Кучкумар"]).tolist() == [1, 1]


def test_apostrophes_invisible_signs_and_unicode_forms_change_nothing():
    written = ["Toʻlqin", "To'lqin", "To`lqin", "To’lqin", "To\u200blqin", "\u202bTo‘lqin\u202c"]
    assert names.similarity(written[:-2] + written[-1:], ["To‘lqin"] * 5).tolist() == [1] * 5
    assert names.similarity(["Živana", "محمّد"], ["Živana", "محمد"]).tolist() == [1, 1]


def test_a_profile_reads_letters_as_its_language_alone():
    as_albanian = names.similarity(["Qerim"], ["Ćerim"], profiles=("sq", "sr"))[0]
    as_uzbek = names.similarity(["Qerim"], ["Ćerim"], profiles=("uz",))[0]
    assert as_albanian > 0.98 > 0.96 > as_uzbek


def test_a_profile_that_does_not_exist_is_refused():
    with pytest.raises(MigflowError, match="klingon"):
        names.similarity(["a"], ["b"], profiles=("klingon",))
    with pytest.raises(MigflowError, match="klingon"):
        names.fold(["a"], "klingon")


TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="abcdegšđжхйьўґمحعابيو' -\u200f\u0301.'", max_size=40),
    st.sampled_from([a for pair in FULL + SAME for a in pair]),
)


@settings(max_examples=200)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_any_texts_have_a_symmetric_similarity_from_0_to_1(pairs):
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    there, back = names.similarity(left, right), names.similarity(right, left)
    assert there.dtype == np.float32
    assert ((there >= 0) & (there <= 1)).all()
    np.testing.assert_allclose(there, back, atol=1e-6)
    alone = [names.similarity([a], [b])[0] for a, b in pairs]
    assert there.tolist() == alone


@settings(max_examples=100)
@given(TEXTS)
def test_a_name_is_like_itself(text):
    letters = [
        char for char in text if unicodedata.name(char, "").startswith(("LATIN SMALL", "CYRILLIC", "ARABIC LETTER"))
    ]
    assert names.similarity([text], [text])[0] in ((1,) if letters else (0, 1))


ODD = [
    "",
    "...",
    "x" * 10_000,
    "a b " * 3_000,
    "\x00\x07",
    "\u200f\u202e",
    "😀👍",
    "王小明",
    "გიორგი",
    "\ud800",
    "A\nB",
    None,
]


def test_odd_texts_are_compared_and_folded_without_an_error():
    alike = names.similarity(ODD, ODD)
    assert alike.tolist() == [0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0]
    for profile in ("sq", "ar", "uz"):
        folded = names.fold(ODD, profile)
        assert len(folded) == len(ODD)
        assert [bool(text) for text in folded[:2] + folded[4:7]] == [False] * 5
    assert names.similarity([], []).tolist() == []


@pytest.mark.parametrize(
    ("profile", "written", "folded"),
    [
        ("sq", ["Hoxha", "Хоџа", "Hodža"], "hodja"),
        ("sr", ["Ćerim", "Ћерим"], "cherim"),
        ("uz", ["Xurshid", "Хуршид"], "hurshid"),
        ("ru", ["Сергей Иванович", "Sergei Ivanovich"], "serge ivanovich"),
        ("ar", ["محمد", "Mohammed", "Мухаммад"], "mhmd"),
    ],
)
def test_forms_of_a_name_fold_to_one(profile, written, folded):
    assert set(names.fold(written, profile)) == {folded}


def test_both_sides_are_as_long():
    with pytest.raises(ValueError, match="2 names"):
        names.similarity(["a", "b"], ["a"])


def test_names_that_one_place_has_had_are_alike():
    pairs = [("Бишкек", "Frunze"), ("Uroševac", "Ferizaj"), ("Урошевац", "Ferizaj"), ("ھەولێر", "Erbil")]
    assert (names.similarity([a for a, _ in pairs], [b for _, b in pairs]) >= 0.9).all()
    assert names.similarity(["Frunze"], ["Uroševac"])[0] < 0.5


def test_many_names_are_encoded_as_few_are():
    few = ["Agim Krasniqi", "Сергей", "محمد", "王小明", "", "Љиљана"]
    many = few * 20_000
    assert names.fold(many, "sr") == names.fold(few, "sr") * 20_000
    left, right = many, many[1:] + many[:1]
    assert names.similarity(left, right).tolist() == names.similarity(few, few[1:] + few[:1]).tolist() * 20_000
