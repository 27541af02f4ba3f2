# Everything runs in .venv, which `make setup` makes from the lock with nothing but python3 and a package registry.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test trust lint benchmark lock wheel clean

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.12 or later is needed; this is " + sys.version.split()[0] + ". Try make PYTHON=python3.13 …") if sys.version_info < (3, 12) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup
	$(BIN)/iwm compare single context_specific hierarchical relationship_structures --seed 1 --out reports/demo
	$(BIN)/iwm report reports/demo --study relationship_structures --figure reports/working_models.svg

test: setup lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

trust: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --full -m trust; held=$$?; $(BIN)/python tests/trust_report.py && exit $$held

benchmark: setup
	$(BIN)/python -m pytest -m benchmark -s tests/benchmarks

lock:
	uv pip compile --upgrade --no-emit-index-url --no-annotate --universal --python-version 3.12 --extra dev pyproject.toml --output-file requirements.lock

wheel: setup
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf .venv .trust build dist reports/demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
