# Two commands matter: `make run` and `make test`. Both begin with `make setup`.

PYTHON ?= python3
HOST ?= localhost
PORT ?= 8000
BIN := .venv/bin

.PHONY: help run setup test lint bench prove-blinding readme pictures translations lock clean
.DEFAULT_GOAL := help

help: ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: setup ## serve http://localhost:8000, with the demonstration trial in an empty ledger
	@$(BIN)/custody demo --if-empty
	@$(BIN)/custody run --host $(HOST) --port $(PORT)

setup: .venv/.installed custody/web/static/vendor/.installed ## install into .venv and fetch the browser's packages

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the Python packages (a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

custody/web/static/vendor/.installed: package-lock.json tools/vendor.py
	@$(PYTHON) tools/vendor.py

test: setup ## run all checks and tests (CI=true: a skipped test is a failure)
	@$(PYTHON) tools/chromium.py
	@$(PYTHON) tools/renderer.py
	$(MAKE) lint
	$(BIN)/python -m pytest -n auto

lint: setup ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## measure, each figure beside its limit in the same run
	$(BIN)/python -m tests.benchmarks

prove-blinding: setup ## prove that nothing a blinded person can get tells the arm; one page (two and a half hours)
	$(BIN)/python -m tests.blinding

readme: setup ## write the README's table of steps anew from the rules
	$(BIN)/python tools/readme.py

pictures: setup ## take the README's pictures anew
	$(BIN)/python -m tests.browser.pictures docs

translations: setup ## bring the French catalogue up to date with the texts
	$(BIN)/python tools/translations.py

lock: ## pin the newest versions that pyproject.toml allows
	$(BIN)/python -m piptools compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --output-file requirements.lock pyproject.toml

clean: ## remove what set-up and tests made; the data stays
	rm -rf .venv node_modules custody/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis
