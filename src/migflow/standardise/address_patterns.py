"""The kinds of tokens in a written address, and the patterns of kinds that make its parts.

A token's kind is one character, so that an address is a short string, its shape: "Rr. Agim Ramadani nr. 12" is TWWSN.
The groups of a pattern are parts; group names that differ by underscores at the end are one part.
"""

import re

# Words of words.toml, by the key there.
KINDS = {
    "street_types": "T",
    "street_endings": "t",
    "quarters": "Q",
    "number_signs": "S",
    "no_number": "B",
    "buildings": "X",
    "entrances": "E",
    "floors": "F",
    "floor_names": "G",
    "ordinals": "o",
    "dwellings": "D",
    "settlements": "V",
    "settlement_endings": "k",
    "municipalities": "H",
    "po_boxes": "Y",
    "landmarks": "A",
    "former": "U",
    "care_of": "c",
    "months": "J",
    "places": "P",
    "countries": "C",
    "ignored": ";",
}
# A word of one letter: with its dot it may be an initial (H. Dushi), without it a house number's letter (12 b).
DOTTED_LETTERS, BARE_LETTERS = {"E": "h", "D": "g", "V": "v", "F": "f"}, {"E": "e", "D": "d"}
WORD, INITIAL, LETTER, ROMAN, ROMAN_LETTER = "W", "l", "L", "R", "I"
# 12, 12a, 12. (an ordinal, or the end of a sentence), 123456; whatever the country's postcodes look like.
DIGITS, DIGITS_LETTER, DIGITS_DOT, LONG, POSTCODE = "N", "M", "O", "K", "Z"
# Separators stand for themselves; ~ is a dash between spaces.
SEPARATORS, NUMBER_SIGN = ",()/~-;", "S"
# What has been read is masked: by 0 where a house number or its absence was, 1 a postcode, ; anything else.
NUMBER_READ, POSTCODE_READ, READ = "0", "1", ";"

ANY = r"[^NMOKZS,()/~0;1-]"  # a word of any kind
NAME = r"[WJPLIlRoedghvfC]"  # a word that can be part of any name
_LATER = r"[WJLIlRoedghvfC]"  # the same, after the first: a municipality's name starts a name of its own
_NAMES = rf"(?:P(?![LI])|{NAME}(?:{_LATER}|-(?={_LATER})|[NO](?=J))*)"
_START = r"(?:^|(?<=[,()/~0;1]))"
_END = r"(?![A-Za-z])"  # no further word or number
_NOT_INITIAL = r"(?<![TQlghfv])"  # of a letter with its dot: not Rr. A. B. 5
_AFTER_NUMBER = r"(?:(?<=[NMOLIR0;])|(?<=[NMOLIR0;],))"
_SUFFIX = (
    r"(?:(?<!M)(?:"
    r"[-~]?(?P<number_suffix>[LIde](?![NMO])|[lghf](?![A-Za-z]))"  # 12 a, 12-a
    r"|/(?P<number_suffix_>[Lde](?![NMO])|I(?!/))"  # 12/a
    r"))?"
)
_HOUSE = (
    rf"(?P<number>[NMO])(?!J){_SUFFIX}"
    r"(?:[-~][NMO](?!J))?"  # 12-14
    r"(?:/(?P<floor>R|I(?=/)))?"  # 12/III
    r"(?:/[NO](?=/[NMO]))?(?:/(?P<dwelling>[NMO]))?"  # 12/4, 12/3/4
)

# Parts that a word announces, in the order in which they are looked for. The group left goes to the remainder.
ANNOUNCED = tuple(
    re.compile(pattern)
    for pattern in (
        r"Y[S-]*(?P<po_box>[NMOKZ])",  # k.p. 12
        rf"(?P<left>c{ANY}+)",  # c/o Besa Hoxha
        rf"U[T-]*(?P<former_street>(?:{NAME}|-(?={NAME})|[NO](?=J|{NAME}))+)[TQt]?",  # ish rr. Marshali Tito
        rf"(?<![A-Za-z])(?P<street_type>[TQ])S(?P<street>[NO])(?![/~-]|{NAME})",  # Rruga nr. 5
        rf"(?P<street>(?:{NAME}|-(?={NAME})|[NO](?=J)|(?<=J)[NO](?!J))+)(?P<street_type>t)",  # Majus 1. utca
        # banesa 7, b. 7a, stan br. 7; banesa e dyte; 7. lakas
        rf"(?:D|{_NOT_INITIAL}g)[S-]*(?P<dwelling>[NMO]|[LIRde]{_END})|[Dg][LI]?(?P<dwelling_>o)|(?P<dwelling__>[ORo])D{_END}",
        # hyrja 2, lamela C, ulaz B2, h. 2 (but H. Dushi); hyrja e dyte; drugi ulaz
        rf"(?:E|(?<![WJPLIRod]){_NOT_INITIAL}h)[S-]*(?P<entrance>[NMO]|[Lde]-?N|[LIRde](?![WJPo]))"
        rf"|[Eh][LI]?(?P<entrance_>o)|(?P<entrance__>[ORo])E{_END}",
        # kati 3, kati i trete, kati 3-te; III sprat, 3. kat; prizemlje
        rf"(?:F[LIS]?|{_NOT_INITIAL}f)(?P<floor>[NORIo])(?:-[WL])?"
        r"|(?<!S)(?P<floor_>[NORIo])(?:-[WL])?F(?![NMORIo]|S[NMO])|(?P<floor__>G)",
        # afer shkolles 7 marsi; behind a name only if a word follows (Dugi Kraj is a village)
        rf"(?P<left>(?:(?:^|(?<=[,()/~0;1NMO]))A|(?<![TQ])A(?={NAME}))P?(?:[WJLIlRoQVked-]|[NO](?=J))*)",
        rf"H[LI]?(?P<municipality>{_NAMES})",  # komuna e Decanit
        # fshati Isniq, s. Dobrotin, selo Novo Selo; Mamusa koyu
        rf"(?:(?<![TQl])V|{_START}v)(?P<settlement>{_NAMES}(?:V(?!{NAME}))?)|(?P<settlement_>{_NAMES})k",
        # objekti 5, zgrada br. 5a/7
        r"X[S-]*(?P<building>[NMO])(?:(?<!M)[-/]?(?P<building_letter>[LIde](?![NMO])))?(?:/(?P<dwelling>[NMO]))?",
        rf"S[S-]*{_HOUSE}",  # nr. 12a/4
        r"(?P<no_number>B)",  # b.b.
        r"(?:C-?)?(?P<postcode>Z)-?",  # XK-10000
        rf"{_AFTER_NUMBER}e(?P<entrance>[NMO])",  # 12 h 2
        rf"{_AFTER_NUMBER}d(?P<dwelling>[NMO])",  # 12 h 2 b 7
        r"(?<=[NMO0],)(?P<floor>[RI])/(?P<dwelling>[NMO])",  # 12, II/8
        r"(?P<code>(?:X[S-]*|(?<=[WP,;0(]))[Lde]-?N)(?!J)(?:/(?P<dwelling>[NMO]))?",  # objekti B2, D-5/3
    )
)

_IN_TYPED = rf"(?:[NO]-?(?={ANY}))?(?:{ANY}|-(?={ANY})|[NO](?=J))*{ANY}"
_UNTYPED = rf"(?:(?<![A-Za-z])[NO]-?(?={ANY}))?{NAME}(?:[^NMOKZSTQ,()/~0;1-]|-(?={ANY})|[NO](?=J))*"
_OF_NAME = r"(?:[NO](?=[NMO]))?"  # Brigada 123 4
# A house number that nothing announces. Where there is a street type, the number of another name does not count.
BARE_NUMBER = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![TQ])[TQ]++(?:{_IN_TYPED}{_OF_NAME}|[NO](?=[NMO])){_HOUSE}",  # Rr. 28 Nentori 15
        rf"(?:^|[,()~;1]){_HOUSE}(?=,?[TQ])",  # 12, Rr. Agim Ramadani
        rf"(?!P+[TQ]){_UNTYPED}[TQ]{_OF_NAME}{_HOUSE}",  # Beogradski put 12
        rf"(?!.*T){_UNTYPED}{_OF_NAME}{_HOUSE}",  # 28 Nentori 15
        rf"(?:^|[,()~;1]|(?<={NAME})/){_HOUSE}(?=S?(?:$|[,()~;1]))",  # Agim Ramadani, 12
        rf"{_START}{_HOUSE}(?={NAME})",  # 12 Agim Ramadani
    )
)

RUN = re.compile(r"[^K,()/~0;1]+")  # what is not read yet, between separators
TYPE = re.compile(r"[TQ]+")
