"""Great Expectations' Data Docs as pages that open without a network and load nothing from anywhere."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

from migflow import contracts

# What the generated pages fetch from elsewhere: scripts, styles, and a logo that reports each visit; and its footer.
FETCHED = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*\bhref=\"https?:[^>]*>|<img\b[^>]*\bsrc=\"https?:[^>]*>|<footer\b.*?</footer>",
    re.DOTALL | re.IGNORECASE,
)
STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { background: #f4f4f4; } .held { color: #17772f; } .broken { color: #b3261e; font-weight: bold; }
.cooltip .top { display: none; } li { list-style: none; }
</style>
"""


@dataclass(frozen=True)
class Result:
    """The latest audit of a table: did every expectation hold, how many of how many, and its page."""

    table: str
    held: bool
    successful: int
    evaluated: int
    page: Path


def close(site: Path, validations: Path) -> Path:
    """Rewrite the generated pages to load nothing, and the index to list the latest audit of every table.

    site: folder of the Data Docs; validations: Great Expectations' results. Returns the index.
    """
    for page in site.rglob("*.html"):
        text = FETCHED.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", STYLE + "</head>", 1), encoding="utf-8")
    index = site / "index.html"
    index.write_text(_index(_results(site, validations), site), encoding="utf-8")
    return index


def _results(site: Path, validations: Path) -> list[Result]:
    """Results in the order of the contracts."""
    found = {}
    for path in sorted(validations.rglob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        table, counted = path.relative_to(validations).parts[0], result["statistics"]
        page = site / "validations" / path.relative_to(validations).with_suffix(".html")
        found[table] = Result(
            table,
            result["success"],
            counted["successful_expectations"],
            counted["evaluated_expectations"],
            page,
        )
    return [found[table] for table in contracts.load_all() if table in found]


def _index(results: list[Result], site: Path) -> str:
    rows = "\n".join(_row(contracts.load(result.table), result, site) for result in results)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Data Docs</title>\n'
        f"{STYLE}</head><body>\n<h1>Data Docs</h1>\n"
        "<p>The latest audit of every table against its contract. No page holds a value of a row.</p>\n"
        "<table><thead><tr><th>stage</th><th>table</th><th>what it holds</th><th>expectations</th><th>result</th>"
        f"</tr></thead><tbody>\n{rows}\n</tbody></table>\n</body></html>\n"
    )


def _row(contract: contracts.Contract, result: Result, site: Path) -> str:
    verdict = '<span class="held">held</span>' if result.held else '<span class="broken">broken</span>'
    link = f'<a href="{result.page.relative_to(site)}">{contract.table}</a>'
    return (
        f"<tr><td>{contract.stage}</td><td>{link}</td><td>{html.escape(contract.description)}</td>"
        f"<td>{result.successful} of {result.evaluated}</td><td>{verdict}</td></tr>"
    )
