# Two commands do everything on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export MIGFLOW_HOME ?= home

.PHONY: demo test lint ui clean constraints

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

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("migflow needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

constraints:
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header --upgrade --all-extras pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) $(MIGFLOW_HOME)
