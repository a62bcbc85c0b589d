# What everybody does here. `make run` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
KIOSK_PORT ?= 8090
DEMO_LANG ?=
ROOMS := models enrollment kiosk server demo bench
PART ?= faces
DATA ?=
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps

.DELETE_ON_ERROR:
.PHONY: run test check bench search mutate setup lock messages clean

## run: a court's working day, on real photographs; ONCE=1 ends after the report, HISTORY=1 begins three months before
run: $(VENV)/ready
	@exec $(BIN)/python -m demo --port $(PORT) --kiosk-port $(KIOSK_PORT) $(if $(ONCE),--once) $(if $(HISTORY),--history) $(if $(DEMO_LANG),--language $(DEMO_LANG))

## test: every check and every test
test: check
	$(BIN)/python -m pytest -n 2

## check: style, types, layers
check: $(VENV)/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(addprefix -p ,$(ROOMS) tests)
	$(BIN)/lint-imports --no-logo

## bench: what is claimed in figures, beside its peers; PART=faces or attendance, DATA=folder of photographs
bench: $(VENV)/ready-for-bench
	@exec $(BIN)/python -m bench $(PART) $(if $(DATA),--data "$(DATA)")

## search: new examples against the reference model of the attendance rules, 10,000 days and 1,250 courts; half an hour
search: $(VENV)/ready-for-tests
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n 2 --timeout 3600 tests/test_attendance_reference.py tests/test_attendance_properties.py tests/test_attendance_stateful.py

## mutate: how many changes to the attendance rules their tests notice; an hour or more
mutate: $(VENV)/ready-for-mutating
	$(BIN)/python -m tests.mutating

## setup: the virtual environment that run uses
setup: $(VENV)/ready

$(VENV)/ready: requirements/run.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "setting up $(VENV): about a minute, once"
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment can be made here: the folder must be writable and Python's venv installed (Debian: apt install python3-venv)."; exit 1; }
	@$(PIP) --require-hashes --requirement requirements/run.txt || { echo "The packages could not be installed: see the line above. A connection to the package index is needed once."; exit 1; }
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready requirements/test.txt
	@echo "setting up the tests: about a minute, once"
	@$(PIP) --require-hashes --requirement requirements/test.txt || { echo "The packages could not be installed: see the line above. A connection to the package index is needed once."; exit 1; }
	@touch $@

$(VENV)/ready-for-bench: $(VENV)/ready-for-tests requirements/bench.txt
	@echo "setting up the benchmarks"
	@$(PIP) --require-hashes --requirement requirements/bench.txt || { echo "The packages could not be installed: see the line above. A connection to the package index is needed once."; exit 1; }
	@touch $@

$(VENV)/ready-for-mutating: $(VENV)/ready-for-tests requirements/mutate.txt
	@echo "setting up the mutations"
	@$(PIP) --require-hashes --requirement requirements/mutate.txt || { echo "The packages could not be installed: see the line above. A connection to the package index is needed once."; exit 1; }
	@touch $@

## lock: the hash-locked requirements, anew (needs uv)
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"
lock:
	$(UV_COMPILE) --override requirements/overrides.in requirements/run.in --output-file requirements/run.txt
	$(UV_COMPILE) --override requirements/overrides.in requirements/test.in --output-file requirements/test.txt
	$(UV_COMPILE) requirements/mutate.in --output-file requirements/mutate.txt
	$(UV_COMPILE) --no-deps requirements/bench.in --output-file requirements/bench.txt
	$(UV_COMPILE) --no-deps requirements/photos.in --output-file requirements/photos.txt

## messages: bring the Chinese catalogue up to date with the sentences in the code
CATALOGUE := models/locale/zh/LC_MESSAGES/courtclock.po
messages: $(VENV)/ready
	@mkdir -p var
	$(BIN)/pybabel --quiet extract --mapping babel.cfg --keyword N_ --no-location --sort-output --output-file var/messages.pot .
	$(BIN)/pybabel --quiet update --input-file var/messages.pot --output-file $(CATALOGUE) --locale zh --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120

## clean: everything that was made here, also the demonstration; a court's own var/ stays
clean:
	rm -rf $(VENV) var/demo var/photos var/messages.pot build mutants *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
