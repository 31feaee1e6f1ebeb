"""docs/tables.md: written from the contracts, and not behind them."""

from pathlib import Path

from migflow import contracts, table_docs

PAGE = Path(__file__).parents[1] / "docs" / "tables.md"


def test_the_page_is_that_of_the_contracts() -> None:
    assert PAGE.read_text(encoding="utf-8") == table_docs.markdown(), "run make docs"


def test_every_column_stands_under_its_table_with_its_meaning() -> None:
    _, *sections = table_docs.markdown().split("\n### ")
    pages = {section.split("\n", 1)[0]: section for section in sections}
    assert pages.keys() == contracts.load_all().keys()
    for table, contract in contracts.load_all().items():
        rows = [line.split(" | ") for line in pages[table].splitlines() if line.startswith("| `")]
        columns = contracts.published(contract).columns
        assert [row[0].strip("| `") for row in rows] == [column.name for column in columns]
        assert all(row[2].strip() for row in rows)


def test_a_table_of_one_query_says_what_it_is_made_of() -> None:
    page = table_docs.markdown().split("### internal_migration_od\n")[1].split("### ")[0]
    assert "made of: `accounting_years`, `migration_counts`" in page
