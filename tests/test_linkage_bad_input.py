"""Tables and models that are wrong or odd: a right answer, or a message that says where the mistake is."""

import datetime as dt
import decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from migflow.cli import app
from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, LinkageModel, Options, Parameters, dedupe, link
from migflow.linkage.model import DEFAULT_LEVELS

AGREE = Parameters((0.1, 0.9), (0.9, 0.1))


def model_of(column: str, id_column: str = "id", **others) -> LinkageModel:
    """Trained, one rule and one comparison on a column or expression."""
    compare = Comparison((column,), parameters=AGREE)
    return LinkageModel(id_column, (Block((column,)),), (compare,), prior=0.4, **others)


TRAINED = model_of("name")
UNTRAINED = LinkageModel("id", (Block(("name",)),), (Comparison(("name",)), Comparison(("town",))))
GOOD = pa.table({"id": [1, 2, 3], "name": ["ana", "bardh", "cen"], "town": ["peja", "decan", None]})


def links(left, right, model: LinkageModel = TRAINED) -> list[tuple]:
    pairs = link(left, right, model).pairs
    return list(zip(pairs["left_id"].to_pylist(), pairs["right_id"].to_pylist(), strict=True))


def refused(left, right=GOOD, model: LinkageModel = TRAINED) -> str:
    with pytest.raises(MigflowError) as raised:
        link(left, right, model)
    return str(raised.value)


def named(table: pa.Table, **columns) -> pa.Table:
    for name, values in columns.items():
        table = table.drop_columns(name).append_column(name, pa.array(values))
    return table


def test_repeated_and_missing_ids_are_counted():
    assert "the left table: 2 rows repeat a id" in refused(named(GOOD, id=[7, 7, 7]))
    assert "the right table: 1 rows repeat a id" in refused(GOOD, named(GOOD, id=["x", "y", "x"]))
    assert "the left table: 1 rows have no id" in refused(named(GOOD, id=[7, None, 8]))
    with pytest.raises(MigflowError, match="rows repeat a id"):
        dedupe(named(GOOD, id=[7, 7, 8]), TRAINED)


def test_ids_of_other_types_on_either_side_come_back_as_they_are():
    day = dt.date(1980, 1, 31)
    texts = named(GOOD, id=["3", "02", "x"])
    assert links(GOOD, texts) == [(1, "3"), (2, "02"), (3, "x")]
    assert links(texts, named(GOOD, id=[day, day.replace(day=1), day.replace(day=2)])) == [
        ("02", day.replace(day=1)),
        ("3", day),
        ("x", day.replace(day=2)),
    ]


def test_a_missing_column_is_named_with_its_table_and_its_place_in_the_model(tmp_path: Path):
    parquet.write_table(GOOD.drop_columns("name"), tmp_path / "census.parquet")
    (tmp_path / "survey.csv").write_text("id,name\n1,ana\n")
    assert "census.parquet, compare name: column 'name' is missing; the table has id, town" in refused(
        tmp_path / "census.parquet"
    )
    by_record = LinkageModel("record", TRAINED.blocks, TRAINED.compares)
    with_record = GOOD.append_column("record", GOOD["id"])
    assert "survey.csv, id: column 'record' is missing" in refused(with_record, tmp_path / "survey.csv", by_record)
    by_town = LinkageModel("id", (Block(("lower(town)",)),), TRAINED.compares, prior=0.4)
    assert "survey.csv, block lower(town): column 'town' is missing" in refused(GOOD, tmp_path / "survey.csv", by_town)
    assert "the left table, unique: column 'source'" in refused(GOOD, GOOD, model_of("name", unique=("source",)))


LATE = "id,name\n" + "".join(f"{n},name {n}\n" for n in range(60_000))
FILES = {
    "latin.csv": ("id,name\n1,Çelë\n".encode("latin-1"), "latin.csv, line 2: this is not UTF-8 text"),
    "latin_late.csv": ((LATE + "99999,Çelë\n").encode("latin-1"), "line 60002: this is not UTF-8 text"),
    "utf16.csv": ("id,name\n1,ana\n".encode("utf-16"), "utf16.csv, line 1: this is not UTF-8 text"),
    "ragged.csv": (b"id,name\n1,ana\n2,bardh,x\n3\n4,cen\n", "ragged.csv: the rows do not have the columns that the"),
    "wide_late.csv": ((LATE + "99999,b,c\n").encode(), "wide_late.csv, line 60002: 2 columns expected, 3 found"),
    "short_late.csv": ((LATE + "99999\n").encode(), "short_late.csv, line 60002: 2 columns expected, 1 found"),
    "empty.csv": (b"", "empty.csv is empty"),
    "empty.parquet": (b"", "empty.parquet is empty"),
    "other.csv": (b"name\nana\n", "other.csv, id: column 'id' is missing; the table has name"),
    "text.parquet": (b"id,name\n1,ana\n", "text.parquet cannot be read"),
    "table.xlsx": (b"PK", "table.xlsx: expected a file named .parquet or .csv"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path):
    content, message = FILES[name]
    (tmp_path / name).write_bytes(content)
    told = refused(tmp_path / name)
    assert message in told
    assert "Çel" not in told and "bardh" not in told


def test_what_is_no_file_or_no_table_is_told(tmp_path: Path):
    assert f"{tmp_path / 'no.csv'}: there is no such file" in refused(tmp_path / "no.csv")
    assert "there is no such file" in refused(tmp_path)
    assert "the left table is a dict; give a table" in refused({"id": [1]})
    assert "the left table is a NoneType" in refused(None)


ODD_FILES = {
    "semicolons": "id;name\n1;ana\n2;x\n",
    "tabs": "id\tname\n1\tana\n2\tx\n",
    "byte order mark": "\ufeffid,name\n1,ana\n2,x\n",
    "windows lines": "id,name\r\n1,ana\r\n2,x\r\n",
    "quotes": '"id","name"\n"1","ana"\n"2","x, ""y"""\n',
    "spaces": "id,name\n1, ana \n2,x\n",
    "header in capitals": "ID,NAME\n1,ana\n2,x\n",
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_csv_files_are_read_however_they_are_written(name: str, tmp_path: Path):
    (tmp_path / "file's.csv").write_text(ODD_FILES[name], newline="")
    assert links(tmp_path / "file's.csv", GOOD) == [("1", 1)]


def test_ids_of_csv_files_keep_their_zeros(tmp_path: Path):
    (tmp_path / "left.csv").write_text("id,name,age\n007,ana,3\n7,x,4\n")
    assert links(tmp_path / "left.csv", GOOD) == [("007", 1)]
    assert links(tmp_path / "left.csv", tmp_path / "left.csv", model_of("age + 1")) == [("007", "007"), ("7", "7")]


def test_tables_of_every_kind_are_read():
    con = duckdb.connect()
    kinds = [GOOD.to_pandas(), con.from_arrow(GOOD), GOOD.to_batches()[0], con.sql("SELECT 1 AS id, 'ana' AS name")]
    for kind in kinds:
        assert links(kind, GOOD)[0] == (1, 1)


@pytest.mark.parametrize("model", [TRAINED, UNTRAINED], ids=["trained", "untrained"])
def test_an_empty_side_or_one_row_gives_no_links_or_one(model: LinkageModel):
    nothing = GOOD.slice(0, 0)
    for left, right in ((GOOD, nothing), (nothing, GOOD), (nothing, nothing)):
        result = link(left, right, model)
        assert result.pairs.num_rows == 0
        assert result.pairs.column_names == ["left_id", "right_id", "match_weight", "match_probability", "rule"]
        assert link(left, right, model, one_to_one=True).pairs.num_rows == 0
    assert dedupe(nothing, model).clusters.num_rows == 0
    assert dedupe(GOOD.slice(0, 1), model).clusters.to_pylist() == [{"record_id": 1, "cluster_id": 1}]
    assert link(GOOD.slice(0, 1), GOOD.slice(0, 1), model).pairs.num_rows <= 1


@pytest.mark.parametrize("method", DEFAULT_LEVELS)
def test_a_column_without_values_on_one_side_or_both_is_no_evidence(method: str):
    columns = ("town", "town") if method in ("names", "distance_km", "nested_overlap") else ("town",)
    levels = ("town",) if method == "nested_overlap" else DEFAULT_LEVELS[method]
    size = len(levels) + 2
    even = Parameters((1 / size,) * size, (1 / size,) * size)
    compares = (Comparison(("name",), parameters=AGREE), Comparison(columns, method, levels, parameters=even))
    trained = LinkageModel("id", TRAINED.blocks, compares, prior=0.4)
    untrained = LinkageModel("id", TRAINED.blocks, (Comparison(("name",)), Comparison(columns, method, levels)))
    empty, typed = named(GOOD, town=pa.nulls(3)), named(GOOD, town=pa.nulls(3, pa.float64()))
    for left, right in ((GOOD, empty), (empty, typed)):
        assert link(left, right, trained).pairs["left_id"].to_pylist() == [1, 2, 3]
    assert link(empty, GOOD, untrained).model.trained
    assert dedupe(empty, trained).clusters["cluster_id"].to_pylist() == [1, 2, 3]


def test_a_key_that_is_null_or_blank_everywhere_makes_no_pairs():
    for values in (pa.nulls(3), pa.array(["", " ", None])):
        table = named(GOOD, name=values)
        result = link(table, table, UNTRAINED)
        assert result.pairs.num_rows == 0
        assert any("No rule makes a candidate pair" in warning for warning in result.training.warnings)


def test_one_value_in_half_of_the_rows_is_refused_with_rule_and_key():
    size = 200_000
    many = pa.table({"id": range(size), "name": [f"n{n}" if n % 2 else "unknown" for n in range(size)]})
    told = refused(many, many)
    assert "10,000,100,000 candidate pairs, over the budget of 2,000,000,000" in told
    assert "The rule on name" in told and "(unknown) in 100,000 x 100,000 rows. " in told
    with pytest.raises(MigflowError, match=r"\(unknown\) in 100,000 x 100,000 rows"):
        link(many, many, UNTRAINED_NAME)
    varied = many.append_column("town", pa.array([f"t{n}" for n in range(size)]))
    by_name = LinkageModel("id", (Block(("name",)),), (Comparison(("town",), parameters=AGREE),), prior=0.1)
    with pytest.raises(MigflowError, match=r"4,999,950,000 candidate pairs.*\(unknown\) in 100,000 rows"):
        dedupe(varied, by_name)


def test_keys_that_could_be_one_person_are_not_shown():
    with pytest.raises(
        MigflowError, match=r"3 candidate pairs.*Its largest blocks: none of 100 rows or more"
    ) as raised:
        link(GOOD, GOOD, TRAINED, options=Options(pair_budget=2))
    assert "ana" not in str(raised.value).replace("candidate", "")


UNTRAINED_NAME = LinkageModel("id", (Block(("name",)),), (Comparison(("name",)),))

DAY = dt.date(1980, 1, 31)
SAME_VALUES = {
    "date and text": ([DAY], ["1980-01-31"]),
    "time and text": ([dt.datetime(1980, 1, 31)], ["1980-01-31"]),
    "time and date": (pa.array([dt.datetime(1980, 1, 31)], pa.timestamp("ns")), [DAY]),
    "time of a zone and date": (pa.array([dt.datetime(1980, 1, 31)], pa.timestamp("us", "UTC")), [DAY]),
    "integer and text": ([12], ["12"]),
    "integer and text with blanks": ([12], [" 12 "]),
    "float and text": ([12.0], ["12"]),
    "float and integer": ([1234567890123.0], [1234567890123]),
    "fraction and text": ([12.5], ["12.5"]),
    "decimal and integer": ([decimal.Decimal("12.00")], [12]),
    "boolean and text": ([True], ["true"]),
    "bytes and text": ([b"ana"], ["ana"]),
    "categories and text": (pa.array(["ana"]).dictionary_encode(), pa.array(["ana"], pa.large_string())),
    "short and long integers": (pa.array([12], pa.int8()), pa.array([12], pa.uint64())),
}


@pytest.mark.parametrize("name", SAME_VALUES)
def test_equal_values_of_different_types_are_equal(name: str):
    left, right = (pa.table({"id": [1], "name": values}) for values in SAME_VALUES[name])
    assert links(left, right) == [(1, 1)]


def test_whole_numbers_that_pandas_made_floats_for_a_gap_are_still_whole_numbers():
    frame = pd.DataFrame({"id": [1, 2], "name": [3000, None]})
    assert links(frame, pa.table({"id": [1, 2], "name": ["3000", "3000.5"]})) == [(1, 1)]


NAMES = [
    "First name",
    "ORDER",
    "select",
    "group",
    "user",
    "desc",
    "ЕМБГ",
    "Gjinia/Пол",
    'a"b',
    "a.b",
    "a-b",
    "1",
    "x;y",
    "'",
]


@pytest.mark.parametrize("name", NAMES)
def test_columns_of_any_name_can_be_used_as_they_are(name: str):
    table = pa.table({"record no": ["p", "q"], name: ["ana", "bardh"]})
    for written in (name.lower(), '"' + name.replace('"', '""') + '"'):
        assert links(table, table, model_of(written, "record no")) == [("p", "p"), ("q", "q")]
    assert links(table, table, model_of('"record no"', name)) == [("ana", "ana"), ("bardh", "bardh")]
    untrained = LinkageModel("record no", (Block((name,)),), (Comparison((name,)),))
    assert any("blocks on it" in warning for warning in link(table, table, untrained).training.warnings)


def test_the_id_can_be_compared_and_blocked_on_too():
    assert links(GOOD, named(GOOD, id=["1", "5", "3"]), model_of("id")) == [(1, "1"), (3, "3")]


EXPRESSIONS = {
    "lower(name": "neither a column nor an SQL expression",
    "name)": "neither a column nor an SQL expression",
    "": "neither a column nor an SQL expression",
    "name; DROP TABLE left_input": "neither a column nor an SQL expression",
    "name -- x": "neither a column nor an SQL expression",
    "name AS other": "neither a column nor an SQL expression",
    "(SELECT max(name) FROM left_input)": "neither a column nor an SQL expression",
    "name IN (SELECT name FROM left_input)": "neither a column nor an SQL expression",
    "(SELECT content FROM read_text('secret.txt'))": "neither a column nor an SQL expression",
    "count(*)": "neither a column nor an SQL expression",
    "row_number() OVER ()": "neither a column nor an SQL expression",
    "random()": "neither a column nor an SQL expression",
    "*": "neither a column nor an SQL expression",
    "COLUMNS(*)": "neither a column nor an SQL expression",
    "unnest([name, name])": "neither a column nor an SQL expression",
    "DROP TABLE left_input": "neither a column nor an SQL expression",
    "COPY left_input TO 'stolen.csv'": "neither a column nor an SQL expression",
    "no_such_function(name)": "no_such_function",
    "read_text('secret.txt')": "read_text",
    "CAST(name AS INTEGER)": "cannot be read",
    "lower(surname)": "column 'surname' is missing",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_that_are_not_a_value_of_one_record_are_refused(expression: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = refused(GOOD, GOOD, model_of(expression))
    assert "the left table" in told and EXPRESSIONS[expression] in told
    assert not list(tmp_path.iterdir())
    assert "'ana'" not in told and "bardh" not in told


@pytest.mark.parametrize("expression", ["substr(name, 1, 2)", "name || town", "CASE WHEN town IS NULL THEN name END"])
def test_expressions_of_one_record_are_used(expression: str):
    assert links(GOOD, GOOD, model_of(expression))
    assert links(named(GOOD, name=[DAY, DAY.replace(year=1990), None]), GOOD, model_of("substr(name, 1, 4)")) == []


def test_threads_are_a_positive_number():
    assert links(GOOD, GOOD) == [(1, 1), (2, 2), (3, 3)]
    assert link(GOOD, GOOD, TRAINED, options=Options(threads=1)).pairs.num_rows == 3
    for threads in (0, -1):
        with pytest.raises(MigflowError, match=f"threads is {threads}, expected 1 or more"):
            Options(threads=threads)


def test_a_model_trained_for_other_levels_is_refused(tmp_path: Path):
    text = LinkageModel("id", TRAINED.blocks, TRAINED.compares, prior=0.4).to_toml()
    (tmp_path / "old.toml").write_text(text.replace('with = "exact"', 'with = "jaro_winkler"\nlevels = [0.9]', 1))
    with pytest.raises(MigflowError, match=r'old\.toml: compare "name": m has 2 values, expected 3'):
        LinkageModel.from_toml(tmp_path / "old.toml")


def test_rules_that_differ_by_side_are_refused_within_one_table():
    crossed = LinkageModel("id", (Block(("name", "town"), ("town", "name")),), TRAINED.compares, prior=0.4)
    other = Comparison(("name",), right=("town",), parameters=AGREE)
    for model in (crossed, LinkageModel("id", TRAINED.blocks, (other,), prior=0.4)):
        with pytest.raises(MigflowError, match="has `right`, but there is one table"):
            dedupe(GOOD, model)


def test_more_comparisons_than_fit_a_number_are_all_learnt_of():
    person = [f"{n // 2 * 7_919_777 % 100_003_000:09}" for n in range(400)]
    table = pa.table({"id": range(400), "key": [n // 2 for n in range(400)]} | {f"c{n}": person for n in range(40)})
    table = table.append_column("last", pa.array([p if n % 4 else p[::-1] for n, p in enumerate(person)]))
    compares = tuple(Comparison((c,), "damerau", (1,)) for c in [f"c{n}" for n in range(40)] + ["last"])
    result = dedupe(table, LinkageModel("id", (Block(("key",)), Block(("key // 2",))), compares))
    equal = [c.parameters.m[-1] for c in result.model.compares]
    assert min(equal[:-1]) > 0.98
    assert equal[-1] == pytest.approx(0.5, abs=0.02)


def test_the_command_line_tells_the_same_in_words(tmp_path: Path):
    (tmp_path / "model.toml").write_text('id = "id"\n[[block]]\non = ["name"]\n[[compare]]\ncolumn = "name"\n')
    (tmp_path / "bad.csv").write_text("id,name\n1,ana\n1,bardh\n")
    command = ["dedupe", "bad.csv", "--model", "model.toml", "--out", "clusters.parquet"]
    result = CliRunner().invoke(app, [str(tmp_path / a) if "." in a else a for a in command])
    assert result.exit_code == 1
    assert "1 rows repeat a id" in " ".join(result.output.split()).replace("\n", "")
    assert not (tmp_path / "clusters.parquet").exists()
