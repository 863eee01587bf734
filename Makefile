# make demo   sets everything up and runs the main job on embedded data
# make test   sets everything up and runs all checks
# make docs   sets everything up and builds the documentation into site/

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint browser docs slow bench battery clean

demo: $(VENV)/.demo
	$(BIN)/fanin compare nielsen \
	  --init rand --init randn --init 'randn/sqrt(fan_in)' --init xavier_uniform --init zeros --init rand-0.5 \
	  --seeds 3 --out fanin-report.html
	@echo "The report with its pictures: fanin-report.html"

test: lint browser
	$(BIN)/pytest -n 2

# what the tests of fanin lab drive; without it they say what to install
browser:
	@if ! command -v chromium && command -v apt-get && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && apt-get install -y -qq chromium; fi >/dev/null

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "The documentation: site/index.html"

slow: $(VENV)/.dev
	$(BIN)/pytest -m slow

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/sampling.py
	$(BIN)/python benchmarks/training.py

battery: $(VENV)/.dev
	$(BIN)/python benchmarks/battery

$(VENV)/.demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) site fanin-report.html fanin-*.sqlite*
