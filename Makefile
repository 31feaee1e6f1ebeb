# Two commands do everything on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
THEIRS := .venv-benchmarks
export MIGFLOW_HOME ?= home

.PHONY: demo test lint ui docs benchmark clean constraints

demo: $(VENV)/.installed
	$(BIN)/migflow simulate
	$(BIN)/migflow run

test: $(VENV)/.installed
	$(BIN)/pytest

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

ui: $(VENV)/.installed
	$(BIN)/migflow ui

# The page of all tables, from their contracts.
docs: $(VENV)/.installed
	$(BIN)/python -m migflow.table_docs docs/tables.md

# Linkage beside Splink and recordlinkage, which have a venv of their own. Parts and options: make benchmark ARGS='accuracy'
benchmark: $(VENV)/.installed $(THEIRS)/.installed
	$(BIN)/python -m benchmarks.linkage $(ARGS) --venv $(THEIRS)

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("migflow needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(THEIRS)/.installed: benchmarks/requirements.txt
	$(PYTHON) -m venv $(THEIRS)
	$(THEIRS)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

constraints:
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header --upgrade --all-extras pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) $(THEIRS) .benchmarks $(MIGFLOW_HOME)
