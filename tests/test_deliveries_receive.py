"""Landing: what is received stays as it is; what comes again, corrected or late is told apart."""

import datetime as dt
import json
import shutil
import socket
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from delivery_files import write

from migflow import countries
from migflow.deliveries.layouts import Layout, load_providers
from migflow.deliveries.manifests import current_manifests, landed, months
from migflow.deliveries.receive import Receipt, receive
from migflow.deliveries.withdraw import withdraw
from migflow.errors import MigflowError
from migflow.provenance import sha256_file

PROVIDERS = load_providers(countries.find("kosovo"))
SOURCE = "municipal_residence"


def file_of(path: Path, *record_ids: str) -> Path:
    rows: list[dict[str, object]] = [{"record_id": n, "event_type": "arrival"} for n in record_ids]
    return write(path, PROVIDERS["gjilan"].layouts[SOURCE], rows)


def put(file: Path, home: Path, month: str = "2024-03", move: bool = False) -> Receipt:
    [receipt] = receive(
        [file], source=SOURCE, month=month, provider="gjilan", home=home, providers=PROVIDERS, move=move
    )
    return receipt


def test_file_lands_with_its_manifest_read_only(tmp_path: Path) -> None:
    file = file_of(tmp_path / "gjilan.csv", "1", "2")
    receipt = put(file, tmp_path)
    folder = tmp_path / "landing" / SOURCE / "2024-03" / "gjilan" / "0001"
    assert receipt.manifest.path(tmp_path) == folder / "gjilan.csv"
    assert (folder / "gjilan.csv").read_bytes() == file.read_bytes()
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o444 for p in folder.iterdir())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest == {
        "source": SOURCE,
        "provider": "gjilan",
        "reference_month": "2024-03",
        "sequence": 1,
        "file": "gjilan.csv",
        "rows": 2,
        "bytes": file.stat().st_size,
        "sha256": receipt.manifest.sha256,
        "supersedes": None,
        "late": False,
        "layout_sha256": sha256_file(folder / "layout.json"),
        "withdrawn": False,
    }
    assert Layout.from_json((folder / "layout.json").read_text()) == PROVIDERS["gjilan"].layouts[SOURCE]
    assert list((tmp_path / "landing" / ".staging").iterdir()) == []


def test_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    first = put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path)
    again = put(file_of(tmp_path / "renamed.csv", "1"), tmp_path)
    assert (first.new, again.new) == (True, False)
    assert again.message == (
        "renamed.csv: already received as municipal_residence/2024-03/gjilan/0001 (1 row); nothing changed."
    )
    assert landed(tmp_path) == [first.manifest]


def test_corrected_file_supersedes(tmp_path: Path) -> None:
    first = put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path)
    second = put(file_of(tmp_path / "gjilan.csv", "1", "2"), tmp_path)
    assert second.manifest.delivery_id == "municipal_residence/2024-03/gjilan/0002"
    assert second.manifest.supersedes == first.manifest.delivery_id
    assert second.message == (
        "gjilan.csv: received as municipal_residence/2024-03/gjilan/0002 "
        "(2 rows, supersedes municipal_residence/2024-03/gjilan/0001)."
    )
    assert landed(tmp_path) == [first.manifest, second.manifest]
    assert current_manifests(tmp_path, SOURCE, "2024-03") == [second.manifest]


def test_correction_can_be_taken_back(tmp_path: Path) -> None:
    for records in (["1"], ["1", "2"], ["1"]):
        last = put(file_of(tmp_path / "gjilan.csv", *records), tmp_path)
    assert (last.manifest.sequence, last.new) == (3, True)


def test_withdrawn_delivery_stays_in_landing_and_the_same_file_can_come_again(tmp_path: Path) -> None:
    first = put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path).manifest
    withdrawn = withdraw(SOURCE, "2024-03", "gjilan", tmp_path)
    assert (withdrawn.sequence, withdrawn.supersedes, withdrawn.withdrawn) == (2, first.delivery_id, True)
    assert landed(tmp_path) == [first, withdrawn]
    assert first.path(tmp_path).is_file()
    again = put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path)
    assert (again.new, again.manifest.sequence) == (True, 3)


@pytest.mark.parametrize("times", [0, 1])
def test_nothing_to_withdraw_is_said(tmp_path: Path, times: int) -> None:
    for _ in range(times):
        put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path)
        withdraw(SOURCE, "2024-03", "gjilan", tmp_path)
    with pytest.raises(MigflowError, match="municipal_residence 2024-03: there is no delivery of 'gjilan' to withdraw"):
        withdraw(SOURCE, "2024-03", "gjilan", tmp_path)


def test_folder_that_somebody_put_into_landing_is_no_month(tmp_path: Path) -> None:
    first = put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path).manifest
    source = tmp_path / "landing" / SOURCE
    shutil.copytree(source / "2024-03", source / "2024-03-backup")
    assert landed(tmp_path) == [first]
    assert months(tmp_path, SOURCE) == ["2024-03"]


def test_month_before_the_newest_is_late(tmp_path: Path) -> None:
    assert not put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path, "2024-05").manifest.late
    late = put(file_of(tmp_path / "gjilan.csv", "2"), tmp_path, "2024-04")
    assert late.manifest.late
    assert "late: newer months of this provider are already here" in late.message
    assert months(tmp_path, SOURCE) == ["2024-04", "2024-05"]


def test_another_providers_newer_month_makes_nothing_late(tmp_path: Path) -> None:
    put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path, "2024-05")
    other = write(tmp_path / "ferizaj.csv", PROVIDERS["ferizaj"].layouts[SOURCE], [])
    [receipt] = receive([other], source=SOURCE, month="2024-04", home=tmp_path, providers=PROVIDERS)
    assert not receipt.manifest.late


def test_moved_file_is_gone_from_where_it_was(tmp_path: Path) -> None:
    file = file_of(tmp_path / "gjilan.csv", "1")
    content = file.read_bytes()
    receipt = put(file, tmp_path, move=True)
    assert not file.exists()
    assert receipt.manifest.path(tmp_path).read_bytes() == content


def test_file_that_does_not_fit_is_not_moved(tmp_path: Path) -> None:
    file = tmp_path / "gjilan.csv"
    file.write_text("a;b\n")
    with pytest.raises(MigflowError):
        put(file, tmp_path, move=True)
    assert file.read_text() == "a;b\n"


def test_if_one_of_several_files_does_not_fit_none_enters(tmp_path: Path) -> None:
    good = file_of(tmp_path / "gjilan.csv", "1")
    bad = tmp_path / "ferizaj.csv"
    bad.write_text("a,b\n")
    with pytest.raises(MigflowError, match=r"ferizaj\.csv, header"):
        receive([good, bad], source=SOURCE, month="2024-03", home=tmp_path, providers=PROVIDERS)
    assert landed(tmp_path) == []


def test_provider_follows_from_the_source_or_from_the_name_of_the_file(tmp_path: Path) -> None:
    north = PROVIDERS["mitrovice-e-veriut"].layouts[SOURCE]
    files = [write(tmp_path / "mitrovice-e-veriut_2024-03.csv", north, []), file_of(tmp_path / "gjilan.csv")]
    receipts = receive(files, source=SOURCE, month="2024-03", home=tmp_path, providers=PROVIDERS)
    assert [r.manifest.provider for r in receipts] == ["mitrovice-e-veriut", "gjilan"]
    events = write(tmp_path / "x.csv", PROVIDERS["arc"].layouts["civil_registry_events"], [])
    [receipt] = receive([events], source="civil_registry_events", month="2024-03", home=tmp_path, providers=PROVIDERS)
    assert receipt.manifest.provider == "arc"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"month": "2024-13"}, "Reference month '2024-13': expected YYYY-MM"),
        ({"month": "March"}, "Reference month 'March': expected YYYY-MM"),
        ({"provider": "arc"}, "Provider 'arc' has no layout for 'municipal_residence'; it comes from: decan, "),
        ({"provider": "atlantis"}, "Provider 'atlantis' has no layout"),
        ({"source": "tax_returns"}, "No provider delivers a source 'tax_returns'; expected one of administrative_"),
        ({"provider": None}, "several providers deliver 'municipal_residence'; name one with --provider"),
        ({"files": [Path("absent.csv")]}, "absent.csv: there is no such file"),
    ],
)
def test_wrong_call_is_refused_in_words(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    call = {"files": [file_of(tmp_path / "x.csv", "1")], "source": SOURCE, "month": "2024-03", "provider": "gjilan"}
    with pytest.raises(MigflowError) as error:
        receive(**(call | changes), home=tmp_path, providers=PROVIDERS)  # type: ignore[arg-type]
    assert told in str(error.value)


def test_month_that_has_not_begun_is_refused(tmp_path: Path) -> None:
    file = file_of(tmp_path / "gjilan.csv", "1")
    call = {"source": SOURCE, "home": tmp_path, "providers": PROVIDERS, "today": dt.date(2024, 3, 1)}
    with pytest.raises(MigflowError, match="Reference month 2024-04 lies in the future"):
        receive([file], month="2024-04", **call)  # type: ignore[arg-type]
    assert receive([file], month="2024-03", **call)[0].new  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["manifest.json", "layout.json"])
def test_file_named_as_what_is_written_beside_it_is_refused(tmp_path: Path, name: str) -> None:
    file = write(tmp_path / name, PROVIDERS["prishtine"].layouts[SOURCE], [{"record_id": "1"}])
    with pytest.raises(MigflowError, match="rename the file"):
        receive([file], source=SOURCE, month="2024-03", provider="prishtine", home=tmp_path, providers=PROVIDERS)


def test_two_files_of_one_provider_and_month_are_refused(tmp_path: Path) -> None:
    files = [file_of(tmp_path / "a.csv", "1"), file_of(tmp_path / "b.csv", "2")]
    with pytest.raises(MigflowError, match="gjilan has more than one file for 2024-03"):
        receive(files, source=SOURCE, month="2024-03", provider="gjilan", home=tmp_path, providers=PROVIDERS)


def test_receivers_at_the_same_time_each_get_their_own_sequence(tmp_path: Path) -> None:
    files = [file_of(tmp_path / f"{n}.csv", str(n)) for n in range(12)]
    with ProcessPoolExecutor(4) as pool:
        receipts = list(pool.map(put, files, [tmp_path] * len(files)))
    assert sorted(r.manifest.sequence for r in receipts) == list(range(1, 13))
    chain = landed(tmp_path)
    assert {m.sha256 for m in chain} == {r.manifest.sha256 for r in receipts}
    assert [m.supersedes for m in chain[1:]] == [m.delivery_id for m in chain[:-1]]


def test_what_a_killed_receiver_left_is_swept_on_its_own_machine_only(tmp_path: Path) -> None:
    left = [
        tmp_path / "landing" / ".staging" / f"999999999-{host}-{'0' * 32}" for host in (socket.gethostname(), "other-1")
    ]
    for litter in left:
        litter.mkdir(parents=True)
    put(file_of(tmp_path / "gjilan.csv", "1"), tmp_path)
    assert [litter.exists() for litter in left] == [False, True]
