# `make app` opens the page, `make test` runs all tests; each works alone on a fresh machine.
# Needed beforehand: Python 3.11 or newer with venv, and the package index.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
APP    := $(VENV)/.installed-app
DEV    := $(VENV)/.installed-dev

# What an environment with another Python is judged by: each room's rules, its files and its figures.
CHOSEN := tests/request tests/products tests/provenance tests/archive tests/engine tests/views \
          tests/panels tests/contract/test_panels.py tests/server/test_jobs.py
# One process for each core, at most four: more would make pages and servers wait for the processor.
# Files go out in the order of tests/distribution.py, those that take longest first.
PROCESSES ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() or 1, 4))')
# What fails beside other work is tried a second time; pytest's summary names it, and it is a fault
# to look into. Random numbers have seeds: what is wrong in the numbers fails both times.
PYTEST    := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder \
             --reruns 1 --max-suite-reruns 5 --rerun-show-tracebacks --durations 30

# To compile the tests anew takes longer than to import them compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app lab test lint chosen validate recoveries benchmark docs screenshots recordings paper lock clean

app: $(APP)                ## open the page in the browser
	$(BIN)/oda-widgets app

lab: $(APP)                ## open the notebooks in JupyterLab
	$(BIN)/oda-widgets lab

test: $(DEV) system-tools  ## all tests that are not slow
	$(PYTEST)

lint: $(DEV)               ## style, types, rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

chosen: $(DEV)             ## types and some tests: make chosen PYTHON=python3.13 VENV=.venv-3.13
	$(BIN)/mypy
	$(PYTEST) $(CHOSEN)

validate: $(DEV)           ## the physics, through the public API, against traced photons and real data
	$(BIN)/python -m pytest -m slow tests/validation
	$(BIN)/python -m tests.validation.report

recoveries: $(DEV)         ## injection and recovery with 200 spectra of each model; takes hours
	ODA_WIDGETS_TEST_DRAWS=$${ODA_WIDGETS_TEST_DRAWS:-200} $(BIN)/python -m pytest -m slow tests/validation/test_fits.py -k truth
	$(BIN)/python -m tests.validation.report --recoveries

benchmark: $(DEV)          ## the speed, side by side with peers
	$(BIN)/python -m pytest -m slow tests/benchmarks; status=$$?; \
	$(BIN)/python -m tests.benchmarks.report && exit $$status  # what is missed is marked

docs: $(DEV)               ## the documentation site, build/docs/html/index.html; runs the tutorials
	$(BIN)/python -m sphinx -b html -n -W --keep-going docs build/docs/html

screenshots: $(DEV) system-tools  ## the pictures of README and docs, from the real page and real data
	$(BIN)/python -m scripts.make_screenshots
	$(BIN)/python -m scripts.photograph_survey
	$(BIN)/python -m scripts.draw_magnetar
	$(BIN)/python -m scripts.draw_light_curves
	$(BIN)/python -m scripts.draw_history

recordings: $(DEV)         ## the answers that ship with the apps, computed from scratch; takes ten minutes
	rm -rf build/recordings
	ODA_WIDGETS_CACHE_FOLDER=build/recordings $(BIN)/python -m scripts.record_apps

paper: recordings          ## the same, then docs/paper.md: our numbers beside the published ones
	$(BIN)/python -m scripts.write_paper

lock: $(DEV)               ## pin what Binder and CI install
	$(BIN)/uv pip compile pyproject.toml --extra app --extra server --group dev --universal \
	  --python-version 3.11 --no-header --no-annotate -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra app --universal \
	  --python-version 3.11 --no-header --no-annotate -o binder/requirements.txt

# Chromium drives the page in the browser tests, fitsverify judges our FITS files. Where they
# cannot be installed the tests that need them are skipped, and pytest's summary names each.
.PHONY: system-tools
system-tools:
	@sh scripts/install_system_tools.sh

$(VENV)/pyvenv.cfg:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(APP): $(VENV)/pyvenv.cfg pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet -c requirements.lock -e '.[app]'
	touch $@

$(DEV): $(APP)
	$(BIN)/python -m pip install --quiet -c requirements.lock -e '.[app,server]' --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
