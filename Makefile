# make book, make test: all set-up included. Needs git, make and Python 3.11 to 3.13, nothing else.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SCENARIO ?= baseline
export PYTHONUTF8 = 1

.PHONY: help book results pdf test test-browser test-slow check scenario scenarios one-at-a-time moves validate verify reference release lint clean
help:
	@echo "make book | results | pdf | test | test-browser | test-slow | check | scenario SCENARIO=NAME | scenarios | one-at-a-time | validate | verify | reference | release | lint | clean"

book: $(READY)
	@$(BIN)/exlab build

# Only the numbers, no pages.
results: $(READY)
	@$(BIN)/exlab build --only results

# The built book as one PDF, build/baseline/exported-labour.pdf; needs an installed Chromium or Chrome, and says so.
pdf: book
	@$(BIN)/exlab pdf $(BESIDE)

scenario: $(READY)
	@$(BIN)/exlab build --scenario "$(SCENARIO)"

# Refit every scenario for the page that compares them: a minute or two each. It can be stopped and goes on where it was.
scenarios: $(READY)
	@$(BIN)/exlab scenarios

# Refit with each assumption moved that weights of the draws cannot move, for the page of assumptions: a minute or two each.
one-at-a-time: $(READY)
	@$(BIN)/exlab one-at-a-time

# Its former name.
moves: one-at-a-time
	@echo "moves is now called one-at-a-time." >&2

check: $(READY)
	@$(BIN)/exlab check

# Two files of tests at once; each takes its own shared parts along.
test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

# What a reader does in the built book, in a real Chromium, which must be installed (Debian: apt-get install chromium).
test-browser: $(READY)
	@test -s build/baseline/html/index.html || { echo "test-browser: there is no book yet; run make book first." >&2; exit 1; }
	@$(BIN)/python -m pytest -q -m "browser and not slow"

# What takes many minutes: a small book verified, archived and unpacked, and every type of page looked at by axe-core.
test-slow: $(READY)
	@test -s build/baseline/html/index.html || { echo "test-slow: there is no book yet; run make book first." >&2; exit 1; }
	@$(BIN)/python -m pytest -q -m slow

# All tests of the model, from nothing: some three and a half hours on two cores. It can be stopped and goes on where it was.
validate: $(READY)
	@$(BIN)/exlab validate

# Everything from nothing again, held against the published numbers in results/.
verify: $(READY)
	@$(BIN)/exlab verify

# Make the numbers of the present book the published ones.
reference: book
	@$(BIN)/exlab publish

# The archive of a release: the same to the byte whenever one commit is built to the same files.
release: pdf
	@$(BIN)/exlab release

lint: $(READY)
	@$(BIN)/ruff check src tests benchmarks notebooks
	@$(BIN)/ruff format --check src tests benchmarks notebooks
	@$(BIN)/lint-imports --no-cache

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is %d.%d. Name another one: make book PYTHON=python3.12" % v)'
	@test -x "$(UV)" || command -v "$(UV)" >/dev/null 2>&1 || { $(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv; }
	@echo "setting up the environment in $(VENV)"
	@$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV)
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $(READY)

clean:
	rm -rf build

# Renew the description of the ledger after a change of its form.
.PHONY: datapackage
datapackage: $(READY)
	@$(BIN)/python -m exportedlabour.book.datapackage data

# Renew the lock after a change of pyproject.toml.
.PHONY: lock
lock: $(READY)
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev --extra pdf --extra reference pyproject.toml -o requirements.lock
	@$(BIN)/python -m exportedlabour.release.environment .
