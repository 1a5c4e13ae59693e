# The few commands that people type. Each sets itself up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.ready-run
DEV_STAMP := $(VENV)/.ready-dev

.DEFAULT_GOAL := help
.PHONY: help setup demo services test check bench bench-stack faults format docs requirements

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "This needs Python 3.11 or newer as '$(PYTHON)'. On Debian 12: apt-get install python3 python3-venv make git"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python lacks the venv module. On Debian 12: apt-get install python3-venv"; exit 1; }
	@echo "==> creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements/run.txt requirements/networks.txt pyproject.toml | $(VENV)/bin/python
	@echo "==> installing what the monitor needs to run (about a minute the first time)"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --require-hashes -r requirements/networks.txt
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@echo "==> installing what its tests and checks need"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -q --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(DEV_STAMP) ## Install everything into .venv
	@echo "ready: $(BIN)/monitor --help"

demo: $(RUN_STAMP) ## The whole system with a sample marketplace, on this machine
	@$(BIN)/monitor demo

services: $(DEV_STAMP) ## Install Redis, PostgreSQL and Elasticsearch for the tests (as root, Debian 12)
	@$(BIN)/python -m tools.services install

test: $(DEV_STAMP) ## Run all tests (fast ones first)
	@$(BIN)/python -m tools.services install --if-possible
	@$(BIN)/python -m pytest

check: $(DEV_STAMP) ## Lint, types, architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(DEV_STAMP) ## Run the benchmarks and print their figures
	@$(BIN)/python -m benchmarks

bench-stack: $(DEV_STAMP) ## The same for many machines, on real servers (a quarter of an hour)
	@$(BIN)/python -m benchmarks.stack

faults: $(DEV_STAMP) ## Hurt a running monitor in every way, count, write docs/reference/faults.md
	@$(BIN)/python -m tests.faults.table

format: $(DEV_STAMP) ## Put the code into its standard form
	@$(BIN)/ruff check --fix -q . || true
	@$(BIN)/ruff format -q .

docs: $(DEV_STAMP) ## Write the generated reference pages anew
	@$(BIN)/python -m tools.reference

requirements: | $(VENV)/bin/python ## Resolve and hash the requirements anew
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build --extra distributed -c requirements/run.txt pyproject.toml -o requirements/distributed.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra build --extra distributed --extra dev -c requirements/run.txt -c requirements/distributed.txt pyproject.toml -o requirements/dev.txt
