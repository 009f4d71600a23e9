PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8501

.PHONY: run test lint bench-fashion clean

run: $(STAMP) ## Open the app; its worker starts with it
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(STAMP) ## Lint, layers, unit, property, database, page and browser tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser"
	$(BIN)/python -m pytest -m browser || $(BIN)/python -m pytest -m browser --last-failed --last-failed-no-failures none

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench-fashion: $(STAMP) ## Figures of bench/RESULTS.md; DATA names the folder with products.csv and images.zip
	$(BIN)/python -m bench.fashion --data $(or $(DATA),../shared/data/fashion)

$(STAMP): requirements.txt constraints.txt tests/requirements-optional.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/requirements-optional.txt
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache
