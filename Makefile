# Every target sets itself up: a machine with Python 3.11 or newer and make is enough.
PYTHON ?= python3
BIN := .venv/bin
# The real records stand beside the project where somebody has put them; everything must pass without them.
ifneq ($(wildcard ../shared/data/README.md),)
export POSTME_TEST_DATA ?= $(abspath ../shared/data)
endif

.PHONY: all check test test-postgresql soak demo bench bench-site lint types lock docs store messages clean

all: lint types test

check: all

# Installed from hashes alone, then the project itself without its dependencies.
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "postme needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv, once (about a minute) ..."
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) .venv && uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock && uv pip install --quiet --python $(BIN)/python --no-deps -e .; \
	else \
	  $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .; \
	fi
	@$(BIN)/python -m compileall -q postme  # where Python may not write bytecode by itself, every start would compile everything anew
	@touch $@

# Which port: make demo PORT=8001. Without a browser: make demo DEMO=--no-browser
PORT ?= 8000
DEMO ?=
demo: .venv/installed
	@$(BIN)/postme demo --port $(PORT) $(DEMO)

# Those that turn on the database; all of them: pytest tests/website --database=postgresql
ON_POSTGRESQL := tests/website/test_search.py tests/website/test_running.py tests/website/test_lost_database.py
# In how many processes at once: make test ABREAST=4
ABREAST ?= 2
PYTEST := $(BIN)/python -m pytest -n $(ABREAST) --dist worksteal -m "not soak"
# The website's tests bring settings of their own, so they are a second process; a third has them on PostgreSQL, where it is installed.
test: .venv/installed
	@$(PYTEST)
	@$(PYTEST) tests/website
	@$(PYTEST) $(ON_POSTGRESQL) --database=postgresql

# All of the tests of the site on PostgreSQL.
test-postgresql: .venv/installed
	@$(PYTEST) tests/website --database=postgresql

soak: .venv/installed
	@$(BIN)/python -m pytest -m soak
	@$(BIN)/python -m pytest -m soak tests/website || test $$? -eq 5

lint: .venv/installed
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

# mypy reads the site's settings, which would otherwise make a secret and keep it.
types: .venv/installed
	@POSTME_SECRET=$$(head -c 48 /dev/urandom | base64 -w0) POSTME_DATA=build/types $(BIN)/mypy

docs: .venv/installed
	@$(BIN)/python docs/generate.py

# The script of empty tables, after a new migration.
store: .venv/installed
	@made=$$(mktemp -d) && $(BIN)/python -c 'import sys; from pathlib import Path; from postme.keeping.store import blank, register; made = Path(sys.argv[1]); register.migrated(made); blank.SCRIPT.write_text(blank.script(made), "utf-8")' $$made/store.sqlite3 && rm -rf $$made

# Every sentence of the site, for translators; and what they wrote, compiled.
messages: .venv/installed
	@$(BIN)/python postme/website/look/messages.py

# Hashes without addresses: the lock must not say where somebody's packages come from.
lock:
	uv export --quiet --format requirements-txt --no-emit-project --no-header --all-groups --all-extras -o requirements.lock
	@! grep -nE 'https?://' requirements.lock

clean:
	rm -rf .venv .venv-bench demo-data demo-report .mypy_cache .ruff_cache .pytest_cache

# What performance is held against is installed apart: nothing that is shipped needs it.
.venv-bench/installed: benchmarks/requirements.lock
	@! grep -n '://' benchmarks/requirements.lock
	@$(PYTHON) -m venv .venv-bench && .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

bench: .venv/installed .venv-bench/installed
	@mkdir -p build/bench
	@for it in extraction again memory laws matching; do $(BIN)/python benchmarks/$$it.py --json build/bench/$$it.json || exit 1; done
	@$(BIN)/python benchmarks/publish.py build/bench/*.json

# Fills a store with a country's worth of generated holdings once (about half an hour), then asks it for some ten minutes more.
bench-site: .venv/installed .venv-bench/installed
	@command -v wrk >/dev/null || { echo "wrk is needed: apt-get install wrk"; exit 1; }
	@mkdir -p build/bench
	@$(BIN)/python benchmarks/site.py --json build/bench/site.json
	@$(BIN)/python benchmarks/publish.py build/bench/site.json
