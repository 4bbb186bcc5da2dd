# The whole project from one place.  Needed: make, and Python 3.11 or newer with venv and pip.
#
#   make course                        everything a reader wants: install, run the notebooks, build the site
#   make test PYTEST_ARGS="-k rates"   any arguments for pytest
#   make course PYTHON=python3.12      another Python

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
TEST_LOCK ?= requirements-dev.lock
PYTEST_ARGS ?= -m "not slow"

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
UV_LOCK := uv pip compile --quiet --universal --no-header --no-annotate --generate-hashes --python-version 3.11 pyproject.toml

# An environment is up to date when it holds a stamp named after what went into it.
stamp = $(VENV)/.$(1)-$(shell cat $(2) pyproject.toml | cksum | cut -d' ' -f1)
COURSE := $(call stamp,course,requirements.lock)
TESTING := $(call stamp,testing,$(TEST_LOCK))

.PHONY: help course lab notebooks test check bench lock references clean

help:  ## show this list
	@echo "churnlab: make <target>"
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  %-12s %s\n' "$$name" "$$what"; done

course: $(COURSE)  ## install, run every notebook, build the site into build/site
	@$(PY) -m tools.course

lab: $(COURSE)  ## open the notebooks in JupyterLab, on a copy you may change (build/lab)
	@$(PY) -m tools.lab_copy

notebooks: $(COURSE)  ## rebuild the committed notebooks from notebooks/src
	@$(PY) -m tools.notebooks build

test: $(TESTING)  ## run the tests, without those marked slow
	@$(PY) -m pytest $(PYTEST_ARGS)

check: $(TESTING)  ## style, types, examples in docstrings, fresh notebooks
	@failed=; try() { echo "--- $$*"; $(PY) -m "$$@" || failed=1; }; \
	try ruff check .; \
	try ruff format --check .; \
	try mypy --strict churnlab; \
	try pytest -q --doctest-modules churnlab; \
	try tools.notebooks check; \
	[ -z "$$failed" ] || { echo "make check: there are failures above"; exit 1; }

bench: $(TESTING)  ## run the benchmarks
	@$(PY) -m benchmarks

references:  ## recompute the frozen results of other software (needs R with survival, cmprsk, km.ci)
	@set -e; for script in tests/reference/*.R; do \
	  [ -e "$$script" ] || { echo "no R scripts in tests/reference"; break; }; \
	  echo "Rscript $$script"; (cd tests/reference && Rscript "$$(basename "$$script")"); done

lock:  ## compile the five lock files again (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)"; exit 1; }
	@mkdir -p build
	@echo "compiling requirements*.lock"
	@$(UV_LOCK) --extra notebooks --extra models -o requirements.lock
	@$(UV_LOCK) --extra notebooks --extra models --extra dev -c requirements.lock -o requirements-dev.lock
	@$(UV_LOCK) --extra notebooks --extra models --extra dev --extra spark --extra warehouses --extra polars \
	  -c requirements-dev.lock -o requirements-engines.lock
	@echo 'pandas>=3' > build/pandas3.in
	@$(UV_LOCK) build/pandas3.in --extra dev --extra polars -o requirements-pandas3.lock
	@echo 'scikit-survival>=0.25' > build/peers.in
	@$(UV_LOCK) build/peers.in --extra models -c requirements.lock -o requirements-peers.lock

clean:  ## remove build/ and caches; the environment stays
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

# ------------------------------------------------------------------ environments

$(PY):
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "churnlab needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python has no venv (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "making the environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(COURSE): | $(PY)
	@echo "installing requirements.lock into $(VENV) (a minute the first time)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(TESTING): | $(PY)
	@echo "installing $(TEST_LOCK) into $(VENV) (a minute or two the first time)"
	@$(PIP) install --require-hashes -r $(TEST_LOCK)
	@$(PIP) install --no-deps -e .
	@touch $@
