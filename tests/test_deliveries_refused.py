"""Files that do not fit their layout: refused whole, with a message that says where, what and what to do."""

from dataclasses import replace
from pathlib import Path

import pytest
from delivery_files import write, write_sheet

from migflow import countries
from migflow.deliveries.layouts import Layout, load_providers
from migflow.deliveries.readers import count_rows
from migflow.deliveries.receive import Receipt, receive
from migflow.errors import MigflowError

PROVIDERS = load_providers(countries.find("kosovo"))
SOURCE = "municipal_residence"
ROW = {
    "record_id": "1",
    "event_type": "arrival",
    "event_date": "2024-03-05",
    "first_name": "Arbër",
    "surname": "Çeku",
    "sex": "M",
    "municipality": "Gjilan",
}


def layout(provider: str, source: str = SOURCE) -> Layout:
    return PROVIDERS[provider].layouts[source]


def receive_one(file: Path, provider: str, home: Path, source: str = SOURCE) -> Receipt:
    return receive([file], source=source, month="2024-03", provider=provider, home=home, providers=PROVIDERS)[0]


def refusal(file: Path, provider: str, home: Path, source: str = SOURCE) -> str:
    """The message; and nothing of the file may be left in landing."""
    with pytest.raises(MigflowError) as error:
        receive_one(file, provider, home, source)
    assert [p for p in (home / "landing").rglob("*") if p.is_file()] == []
    return str(error.value)


def csv_file(path: Path, provider: str, rows: int = 3) -> Path:
    return write(path, layout(provider), [ROW | {"record_id": str(n)} for n in range(1, rows + 1)])


def recoded(path: Path, encoding: str, to: str) -> Path:
    path.write_bytes(path.read_bytes().decode(encoding).encode(to))
    return path


def test_windows_1250_declared_as_utf8(tmp_path: Path) -> None:
    file = recoded(csv_file(tmp_path / "ferizaj.csv", "ferizaj"), "utf-8", "windows-1250")
    message = refusal(file, "ferizaj", tmp_path)
    assert message == (
        "ferizaj.csv, line 2, column 'First name': byte 0xEB is not utf-8, but the layout says utf-8. "
        "Nothing of the file was taken in. Ask for an export in that encoding, or correct the encoding in "
        "the provider's layout."
    )


def test_windows_1250_header_declared_as_utf8(tmp_path: Path) -> None:
    file = recoded(csv_file(tmp_path / "gjakove.csv", "gjakove"), "utf-8", "windows-1250")
    assert "gjakove.csv, line 1" in refusal(file, "gjakove", tmp_path)


def test_utf8_declared_as_windows_1250(tmp_path: Path) -> None:
    file = recoded(csv_file(tmp_path / "gjilan.csv", "gjilan"), "windows-1250", "utf-8")
    assert "valid UTF-8 with letters beyond ASCII, but the layout says windows-1250" in refusal(
        file, "gjilan", tmp_path
    )


def test_utf16_declared_as_utf8(tmp_path: Path) -> None:
    file = recoded(csv_file(tmp_path / "ferizaj.csv", "ferizaj"), "utf-8", "utf-16")
    assert "the file is UTF-16, but the layout says utf-8" in refusal(file, "ferizaj", tmp_path)


def test_byte_that_windows_1250_does_not_have(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan", rows=300)
    lines = file.read_bytes().split(b"\r\n")
    lines[249] = lines[249].replace(b"Arb\xebr", b"Arb\x81r")
    file.write_bytes(b"\r\n".join(lines))
    message = refusal(file, "gjilan", tmp_path)
    assert message.startswith("gjilan.csv, line 250, column 'Emri': byte 0x81 is not windows-1250")


def test_byte_order_mark_is_taken_with_or_without_being_declared(tmp_path: Path) -> None:
    marked = recoded(csv_file(tmp_path / "ferizaj.csv", "ferizaj"), "utf-8", "utf-8-sig")
    bare = recoded(csv_file(tmp_path / "prizren.csv", "prizren"), "utf-8-sig", "utf-8")
    assert receive_one(marked, "ferizaj", tmp_path).manifest.rows == 3
    assert receive_one(bare, "prizren", tmp_path).manifest.rows == 3


def test_truncated_parquet(tmp_path: Path) -> None:
    rows = [{"address_id": str(n), "municipality": "XK01"} for n in range(1000)]
    file = write(tmp_path / "cadastre.parquet", layout("cadastre", "cadastre_addresses"), rows)
    file.write_bytes(file.read_bytes()[:-200])
    message = refusal(file, "cadastre", tmp_path, "cadastre_addresses")
    assert message.startswith("cadastre.parquet: the Parquet footer is missing or damaged: the file was cut off.")


def test_parquet_with_a_damaged_page(tmp_path: Path) -> None:
    rows = [{"address_id": str(n), "municipality": "XK01"} for n in range(1000)]
    file = write(tmp_path / "cadastre.parquet", layout("cadastre", "cadastre_addresses"), rows)
    content = bytearray(file.read_bytes())
    content[4:60] = b"\xff" * 56
    file.write_bytes(content)
    assert "damaged" in refusal(file, "cadastre", tmp_path, "cadastre_addresses")


def test_xlsx_with_a_missing_column(tmp_path: Path) -> None:
    header = [h for h in layout("junik").columns.values() if h != "MBIEMRI"]
    file = tmp_path / "junik.xlsx"
    write_sheet(file, layout("junik").sheet, [header, ["x"] * len(header)])
    message = refusal(file, "junik", tmp_path)
    assert message.startswith("junik.xlsx, header: column 'MBIEMRI' (surname) is missing; found 'NR', ")
    assert message.endswith("Ask for a complete file, or name the new header in the provider's layout.")


def test_xlsx_with_another_sheet(tmp_path: Path) -> None:
    file = tmp_path / "junik.xlsx"
    write_sheet(file, "Sheet1", [["a"]])
    assert "there is no sheet 'Deklarimet'; found 'Sheet1'" in refusal(file, "junik", tmp_path)


def test_truncated_xlsx(tmp_path: Path) -> None:
    file = write(tmp_path / "junik.xlsx", layout("junik"), [ROW] * 50)
    file.write_bytes(file.read_bytes()[:-300])
    assert "junik.xlsx: not readable as an Excel workbook, probably cut off" in refusal(file, "junik", tmp_path)


def test_xlsx_with_a_value_beyond_the_header(tmp_path: Path) -> None:
    file = tmp_path / "junik.xlsx"
    header: list[object] = list(layout("junik").columns.values())
    write_sheet(file, layout("junik").sheet, [header, ["x"] * len(header), ["x"] * (len(header) + 1)])
    assert f"row 3: a value in column {len(header) + 1}, which has no header" in refusal(file, "junik", tmp_path)


def test_csv_whose_row_1234_has_one_field_too_many(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan", rows=2000)
    lines = file.read_bytes().split(b"\r\n")
    lines[1233] += b";extra"
    file.write_bytes(b"\r\n".join(lines))
    assert refusal(file, "gjilan", tmp_path) == (
        "gjilan.csv, line 1,234: 17 fields where the header has 16 (1 field too many). Nothing of the file was "
        "taken in. Probably a value holds ';' without quotation marks; ask for a corrected file."
    )


def test_line_named_is_the_line_in_the_file_even_after_line_breaks_in_quotes(tmp_path: Path) -> None:
    rows = [ROW | {"record_id": str(n), "address": "Rruga\nB" if n == 1 else "A"} for n in range(1, 10)]
    file = write(tmp_path / "gjilan.csv", layout("gjilan"), rows)
    lines = file.read_bytes().split(b"\n")
    lines[6] = lines[6].replace(b"\r", b";extra\r")
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(MigflowError, match=r"gjilan\.csv, line 7: 17 fields"):
        count_rows(file, replace(layout("gjilan"), newlines_in_values=True))


def test_stray_quotation_marks_swallow_no_rows(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan", rows=6)
    lines = file.read_bytes().split(b"\r\n")
    for at in (2, 4):
        lines[at] = lines[at].replace(b";Arb", b';"Arb')
    file.write_bytes(b"\r\n".join(lines))
    message = refusal(file, "gjilan", tmp_path)
    assert message.startswith("gjilan.csv, line 3: a value in quotation marks goes on to line 5, so rows may be")
    assert "Arb" not in message


def test_rows_between_two_stray_quotation_marks_are_not_swallowed_even_if_fields_add_up(tmp_path: Path) -> None:
    file = tmp_path / "small.csv"
    file.write_text('id;a;b\n1;"Nena;x\n2;Beta;y\n3;"Baba;z\n4;Dada;w\n')
    small = replace(layout("gjilan"), columns={"record_id": "id", "first_name": "a"}, encoding="utf-8")
    with pytest.raises(MigflowError, match=r"small\.csv, line 2: a value in quotation marks goes on to line 4"):
        count_rows(file, small)


def test_provider_that_writes_line_breaks_inside_values_can_say_so(tmp_path: Path) -> None:
    file = write(tmp_path / "gjilan.csv", layout("gjilan"), [ROW | {"address": "Rruga\nB"}])
    assert "line 2: a value in quotation marks goes on to line 3" in refusal(file, "gjilan", tmp_path)
    assert count_rows(file, replace(layout("gjilan"), newlines_in_values=True)) == 1


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 30, 60])
def test_csv_cut_in_its_last_row(tmp_path: Path, cut: int) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan")
    file.write_bytes(file.read_bytes()[:-cut].rstrip(b"\r\n"))
    message = refusal(file, "gjilan", tmp_path)
    assert "gjilan.csv, line 4: the last line has no line end, so the file may have been cut off" in message


def test_csv_with_too_few_fields(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan")
    file.write_bytes(file.read_bytes() + b"4;x\r\n")
    assert "line 5: 2 fields where the header has 16 (14 fields too few)" in refusal(file, "gjilan", tmp_path)


def test_csv_with_an_open_quotation_mark(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan", rows=9)
    file.write_bytes(file.read_bytes().replace(b"\r\n5;", b'\r\n"5;'))
    message = refusal(file, "gjilan", tmp_path)
    assert "gjilan.csv, line 6: a quotation mark is opened and not closed" in message


def test_csv_with_a_missing_column(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan")
    file.write_bytes(file.read_bytes().replace(b"Mbiemri", b"Familja"))
    assert "gjilan.csv, header: column 'Mbiemri' (surname) is missing; found 'Nr. rendor'" in refusal(
        file, "gjilan", tmp_path
    )


def test_csv_with_a_column_twice(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan")
    file.write_bytes(file.read_bytes().replace(b"Arsyeja\r\n", b"Arsyeja;Emri\r\n"))
    assert "gjilan.csv, header: column 'Emri' occurs 2 times" in refusal(file, "gjilan", tmp_path)


def test_provider_that_never_ends_its_last_line_can_say_so(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan")
    file.write_bytes(file.read_bytes().rstrip(b"\r\n"))
    assert count_rows(file, replace(layout("gjilan"), final_newline=False)) == 3


@pytest.mark.parametrize("provider", ["gjilan", "junik", "prishtine"])
def test_empty_file(tmp_path: Path, provider: str) -> None:
    file = tmp_path / f"{provider}.data"
    file.write_bytes(b"")
    assert f"{provider}.data: the file is empty (0 bytes), expected" in refusal(file, provider, tmp_path)


def test_month_without_rows_is_received(tmp_path: Path) -> None:
    assert receive_one(csv_file(tmp_path / "gjilan.csv", "gjilan", rows=0), "gjilan", tmp_path).manifest.rows == 0
    sheet = write(tmp_path / "junik.xlsx", layout("junik"), [])
    assert receive_one(sheet, "junik", tmp_path).manifest.rows == 0
    (tmp_path / "prishtine.jsonl").write_text("\n")
    assert receive_one(tmp_path / "prishtine.jsonl", "prishtine", tmp_path).manifest.rows == 0


def test_xlsx_where_the_layout_says_csv(tmp_path: Path) -> None:
    file = write(tmp_path / "gjilan.csv", layout("junik"), [ROW])
    message = refusal(file, "gjilan", tmp_path)
    assert "gjilan.csv: the content is an Excel workbook (XLSX), the layout says CSV text" in message


def test_csv_where_the_layout_says_parquet(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "cadastre.parquet", "gjilan")
    assert "cadastre.parquet: the content is not Parquet" in refusal(file, "cadastre", tmp_path, "cadastre_addresses")


def test_csv_named_as_workbook(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.xlsx", "gjilan")
    assert "gjilan.xlsx: the name ends in .xlsx, the layout says CSV text" in refusal(file, "gjilan", tmp_path)


def test_jsonl_cut_in_its_last_line(tmp_path: Path) -> None:
    file = write(tmp_path / "prishtine.jsonl", layout("prishtine"), [ROW] * 5)
    file.write_bytes(file.read_bytes()[:-20])
    assert "prishtine.jsonl, line 5: the last line is cut off" in refusal(file, "prishtine", tmp_path)


def test_jsonl_with_a_line_that_is_not_json(tmp_path: Path) -> None:
    file = write(tmp_path / "prishtine.jsonl", layout("prishtine"), [ROW] * 5)
    lines = file.read_text().split("\n")
    lines[2] = lines[2].replace(":", "=", 1)
    file.write_text("\n".join(lines))
    assert "prishtine.jsonl, line 3: not JSON at character" in refusal(file, "prishtine", tmp_path)


def test_jsonl_with_a_renamed_key(tmp_path: Path) -> None:
    file = write(tmp_path / "prishtine.jsonl", layout("prishtine"), [ROW] * 5)
    file.write_text(file.read_text().replace('"last_name"', '"family_name"'))
    assert "all lines: key 'last_name' (surname) is in no line" in refusal(file, "prishtine", tmp_path)


def test_no_message_shows_a_persons_data(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan", rows=5)
    file.write_bytes(file.read_bytes().replace(b"\r\n4;", b"\r\n4;;"))
    message = refusal(file, "gjilan", tmp_path)
    assert "line 5" in message
    assert "Arb" not in message and "eku" not in message


def test_file_without_a_header_is_refused_without_showing_its_first_row(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan", rows=5)
    file.write_bytes(file.read_bytes().split(b"\r\n", 1)[1])
    message = refusal(file, "gjilan", tmp_path)
    assert "is missing; perhaps the file has no header." in message
    assert "Arb" not in message


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (r'{"id": "1", "last_name": "\ud800"}', "line 2: key 'last_name' holds half a character"),
        ('{"id": ' + "[" * 100_000 + "}", "line 2: objects inside objects, too many to read"),
        ('{"id": "1", "id": "2"}', "line 2: a key occurs twice"),
    ],
)
def test_jsonl_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = write(tmp_path / "prishtine.jsonl", layout("prishtine"), [ROW])
    file.write_text(file.read_text() + line + "\n")
    assert f"prishtine.jsonl, {told}" in refusal(file, "prishtine", tmp_path)


def test_jsonl_whose_keys_are_persons_numbers_does_not_show_them(tmp_path: Path) -> None:
    file = tmp_path / "prishtine.jsonl"
    file.write_text('{"1000000017": "x", "1000000025": "y"}\n')
    message = refusal(file, "prishtine", tmp_path)
    assert "the keys are not those of the layout" in message and "10000000" not in message
    known = layout("prishtine").columns["record_id"]
    file.write_text("".join(f'{{"{known}": "1", "{number}": "x"}}\n' for number in range(1000000000, 1000000040)))
    assert "10000000" not in refusal(file, "prishtine", tmp_path)


def test_wrong_number_of_fields_is_told_whatever_the_row_holds(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "gjilan.csv", "gjilan")
    file.write_bytes(file.read_bytes() + b"4;UTF8\r\n")
    assert "line 5: 2 fields where the header has 16" in refusal(file, "gjilan", tmp_path)
