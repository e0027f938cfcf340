# `make check` runs every port and writes the conformance report; `make test` runs the project's
# own tests. Both start from nothing: they make the virtual environment and, for containers, see
# to an engine.
#
#   make check ENGINE=local             no containers: whichever toolchains are on PATH
#   make check PORT=java                one port
#   make check CASE='tiny-*'            some cases
#   make show PORT=java CASE=one-by-one one case of one port, told in the terminal
#   make probe PORT=java                whether a driver follows the protocol
#   make fuzz SYSTEMS=100000            random systems, and what deviates

PYTHON ?= python3
ENGINE ?= docker
VENV   := .venv
BIN    := $(VENV)/bin

check show: export HARNESS_RERUN_COMMAND := make show PORT={port} CASE={case}$(if $(filter-out docker,$(ENGINE)), ENGINE=$(ENGINE))

.PHONY: check test test-templates test-safeguards fuzz bench show probe engine clean

check: $(VENV)/installed engine
	@$(BIN)/harness check --engine $(ENGINE) \
	    $(if $(PORT),--port $(PORT)) $(if $(CASE),--case '$(CASE)')

# A case that deviates is what one wants to see: no error of make's.
show: $(VENV)/installed engine
	@$(BIN)/harness show --engine $(ENGINE) $(PORT) $(CASE) || [ $$? -eq 1 ]

probe: $(VENV)/installed engine
	@$(BIN)/harness probe --engine $(ENGINE) $(PORT)

test: $(VENV)/installed-for-tests
	@$(BIN)/harness doctor --fix
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

# Every template of `harness new`, those whose toolchains no port needs included.
test-templates: $(VENV)/installed-for-tests
	@$(BIN)/harness doctor --fix
	$(BIN)/pytest -m docker tests/end_to_end/test_templates.py

# Every safeguard against misbehaving ports: its test fails where it is taken out. Ten minutes.
test-safeguards: $(VENV)/installed-for-tests
	@$(BIN)/harness doctor --fix
	$(BIN)/pytest -m safeguards tests/end_to_end/test_safeguards.py

# Ports on random systems: SYSTEMS says how many.
fuzz: $(VENV)/installed engine
	@$(BIN)/harness fuzz --engine $(ENGINE) $(if $(PORT),--port $(PORT)) \
	    $(if $(SYSTEMS),--systems $(SYSTEMS))

# How fast ports are asked and judged, beside what is aimed at; a few minutes.
bench: $(VENV)/installed engine
	@$(BIN)/python -m benchmarks --engine $(ENGINE) $(if $(PORT),--port $(PORT))

# Sees to a container engine where one is asked for.
engine: $(VENV)/installed
ifeq ($(ENGINE),docker)
	@$(BIN)/harness doctor --fix
endif

# Debian ships Python without the part that makes virtual environments.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …' >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	    echo 'installing python3-venv' && apt-get update -qq && \
	    apt-get install -qq -y --no-install-recommends python3-venv >/dev/null && \
	    $(PYTHON) -m venv $(VENV); } || { \
	    echo 'Install the venv module of $(PYTHON), then run make again.' >&2; exit 2; }

$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo 'installing the harness into $(VENV)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-for-tests: pyproject.toml | $(BIN)/python
	@echo 'installing the harness and its test tools into $(VENV)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name .gitkeep -delete
