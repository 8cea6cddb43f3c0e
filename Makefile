# The same verbs for people and CI. `make help` lists them.

PYTHON  ?= python3
PORT    ?= 8000
WORKERS ?= auto
ARGS    ?=

BIN      := .venv/bin
PROJECTS := runtime/pyproject.toml toolchain/pyproject.toml
PACKAGES := $(wildcard catalog/*/src)
SOURCES  := runtime/src toolchain/src testing_support benchmarks $(PACKAGES)
EDITABLE := -e ./runtime -e ./toolchain
COMPILE  := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile -q --generate-hashes --no-emit-index-url \
            --no-emit-trusted-host --no-emit-find-links --allow-unsafe --strip-extras
INSTALL  := $(BIN)/python -m pip install -q --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format docs bench lock clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.development ## install everything that tests, linters and benchmarks need into .venv

demo: .venv/.product ## assemble examples/leave-requests and run it on http://127.0.0.1:$(PORT)
	@$(BIN)/archwright up examples/leave-requests --demo --port $(PORT)

test: setup ## run every test (ARGS="-k name" narrows)
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: setup ## style, formatting, types, import directions, stale generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: setup ## bring the source into the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## write what is generated: schemas and the reference
	$(BIN)/python docs/generate.py

bench: setup ## measure against the peers and write benchmarks/results (ARGS="--quick" for a short one)
	$(BIN)/python -m benchmarks.run $(ARGS)
	$(BIN)/python -m benchmarks.toolchain $(if $(findstring --quick,$(ARGS)),--quick)

lock: setup ## resolve the dependencies again; commit the result
	$(COMPILE) --output-file requirements.lock requirements.in
	$(COMPILE) --output-file requirements-dev.lock requirements-dev.in
	$(COMPILE) --constraint requirements.lock --output-file toolchain/src/archwright/runtime.lock \
	    runtime/pyproject.toml requirements-catalog.in

clean: ## remove the environment and what the tools wrote
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 2; }

# A stamp newer than the locks and the project files means: nothing to do.
.venv/.packages: requirements.lock $(PROJECTS) | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

# Components are many and have nothing to build: a line each in a path file makes them importable.
.venv/.product: .venv/.packages catalog/index.json Makefile
	@printf '%s\n' $(abspath $(PACKAGES)) > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/archwright-catalog.pth"
	@touch $@

.venv/.development: requirements-dev.lock .venv/.product
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
