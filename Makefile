# Everything a newcomer needs; `make` alone shows the list. The first run prepares, stamps (.setup-*) make the next ones quick.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo demo-real test test-server lint fix bench screenshots clean
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
STARTED := $(shell date +%s)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# The lock files are complete: pip resolves nothing, so that a release newer than the lock cannot stop an install.
LOCKED := $(PIP) --no-deps --require-hashes -r
NPM := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
FRONTEND := $(shell find src/maillage/core/web/frontend -type f -not -name '*.pyc')
CATALOGUES := $(shell find src -name '*.po')

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  First run: needs Python 3.11 or newer, Node.js 18 or newer, and a network. Options: make demo ARGS='--port 8080'"

demo: .setup-run .setup-build ## from a bare machine to a served demo, on http://127.0.0.1:8000/
	@MAILLAGE_STARTED=$(STARTED) $(BIN)/maillage demo $(ARGS)

demo-real: .setup-run .setup-build ## the demo, then the official contours among the real files of MAILLAGE_DATA
	@MAILLAGE_STARTED=$(STARTED) $(BIN)/maillage demo-real $(ARGS)

test: .setup-dev .setup-build ## everything: lint, types, arrows, tests on the private PostgreSQL, journeys in a real browser
	@$(BIN)/python tests/run.py --workers $(WORKERS) lint unit journeys

test-server: .setup-dev .setup-build ## those that reach the database, on a throw-away PostgreSQL 15 of Debian, given by DATABASE_URL
	@$(BIN)/python tests/helpers/server_postgres.py -- $(BIN)/python tests/run.py --workers $(WORKERS) --database-only unit journeys

lint: .setup-dev ## style, types, arrows between modules
	@$(BIN)/python tests/run.py lint

fix: .setup-dev ## let ruff mend what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: .setup-dev ## the kernels' benchmarks; those of a million entries: benchmarks/README.md
	@for file in benchmarks/tiles.py benchmarks/joins.py benchmarks/matching.py benchmarks/weights.py; do echo "# $$file" && $(BIN)/python $$file || exit 1; done

screenshots: .setup-dev .setup-build ## the pictures of the README, taken from the demo itself
	@$(BIN)/python -m tests.journeys.screenshots

clean: ## delete what was built here; data (var) and installed packages stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .setup-* src/maillage/core/web/static/web/build
	find src -name '*.mo' -delete

# Programs and libraries for running; everything pinned, Python's with hashes.
.setup-run: requirements.lock package-lock.json pyproject.toml | .venv
	@echo "Installing the Python libraries …" && $(LOCKED) requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e . && $(BIN)/python -m pip check --disable-pip-version-check >/dev/null
	@echo "Installing the browser libraries …" && $(NPM) --omit=dev
	@touch $@

# The same and what the tests need.
.setup-dev: requirements-dev.lock package-lock.json pyproject.toml | .venv
	@echo "Installing the Python libraries, with those of the tests …" && $(LOCKED) requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e . && $(BIN)/python -m pip check --disable-pip-version-check >/dev/null
	@echo "Installing the browser libraries, with those of the tests …" && $(NPM)
	@touch .setup-run $@

.setup-build: $(FRONTEND) $(CATALOGUES) | .venv
	@test -d node_modules/esbuild || { rm -f .setup-run .setup-dev; echo "node_modules is gone: run make again."; exit 1; }
	@npm run build --silent && $(BIN)/python -m maillage.core.web.frontend.fonts && $(BIN)/maillage catalogues compile
	@touch $@

.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed: install it, or say where it is: make demo PYTHON=/path/to/python3.12"; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 || \
	  { echo "Node.js 18 or newer, with npm, is needed to build the browser files (https://nodejs.org, or your system's package)."; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python's venv module is missing: on Debian or Ubuntu, install the package python3-venv."; exit 1; }
