# Each target sets up what it needs on a machine that has only Python 3.11 to 3.13 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# dev,spark adds 450 MB for the tests on a Spark session, which also want Java 17; without them these skip.
EXTRAS ?= dev
comma := ,
INSTALLED := $(VENV)/.installed-$(subst $(comma),-,$(EXTRAS))
# Two cores are assumed; the quick tests run first so that a mistake shows early.
WORKERS ?= 2

.PHONY: demo test quick slow lint bench evidence install clean

install: $(INSTALLED)

# xgboost would pull a GPU library of 469 MB that nothing here uses: overrides.txt drops it, and xgboost-cpu,
# the same module, takes its place.
$(INSTALLED): pyproject.toml constraints.txt overrides.txt
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13)))' \
	  || { echo "Python 3.11 to 3.13 is needed: make PYTHON=python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v $(BIN)/uv >/dev/null || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[$(EXTRAS)]' xgboost-cpu \
	  --constraints constraints.txt --overrides overrides.txt
	@touch $@

demo: install
	@rm -rf demo
	$(BIN)/lab demo demo

test: quick slow

quick: install
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n $(WORKERS) -m "not slow"

slow: install
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n $(WORKERS) -m slow

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# The tools that stand beside ours are a matter of this target alone.
bench:
	$(MAKE) EXTRAS=dev,bench install
	$(BIN)/python -m benchmarks

evidence: install
	OMP_NUM_THREADS=1 $(BIN)/python -m evidence run --workers $(WORKERS)

clean:
	rm -rf demo build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
