# `make check` runs every port and writes the conformance report. `make test` runs the project's own
# tests. Both make the virtual environment if it is missing. For containers, both check that an
# engine answers, and install one on Debian and Ubuntu where none does.
#
#   make check ENGINE=local              use the toolchains on PATH, without containers
#   make check PORT=java                 run one port
#   make check CASE='tiny-*'             run some cases
#   make show PORT=java CASE=one-by-one  run one case of one port and print it in the terminal
#   make probe PORT=java                 check whether a driver follows the protocol
#   make fuzz SYSTEMS=100000             run ports on random systems

PYTHON ?= python3
ENGINE ?= docker
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

# These values are taken as they are written. Otherwise make would expand them, and so run what
# `$(shell …)` in one of them says.
VALUES := ENGINE PORT CASE AFTER SYSTEMS
$(foreach name,$(VALUES),$(eval override $(name) := $$(value $(name))))

# Quotes a value for the shell.
quote = '$(subst ','\'',$(1))'

check show: export HARNESS_RERUN_COMMAND := make show PORT={port} CASE={case}[ AFTER={after}]$(if $(filter-out docker,$(ENGINE)), ENGINE=$(ENGINE))
check show: export HARNESS_PROBE_COMMAND := make probe PORT={port}$(if $(filter-out docker,$(ENGINE)), ENGINE=$(ENGINE))

.PHONY: check test test-templates test-safeguards test-versions fuzz bench show probe engine lock clean

check: $(VENV)/installed engine
	@$(BIN)/harness check --engine $(call quote,$(ENGINE)) \
	    $(if $(PORT),--port $(call quote,$(PORT))) $(if $(CASE),--case $(call quote,$(CASE)))

# Status 1 means that the case deviates. That is no error here, because `show` exists to look at it.
show: $(VENV)/installed engine
	@$(BIN)/harness show --engine $(call quote,$(ENGINE)) \
	    $(if $(AFTER),--after $(call quote,$(AFTER))) \
	    -- $(call quote,$(PORT)) $(call quote,$(CASE)) || [ $$? -eq 1 ]

probe: $(VENV)/installed engine
	@$(BIN)/harness probe --engine $(call quote,$(ENGINE)) -- $(call quote,$(PORT))

test: $(VENV)/installed-for-tests
	@$(BIN)/harness doctor --fix
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@# One more than the processors: the tests of engines wait for containers most of the time.
	$(BIN)/pytest --numprocesses $$(($$(nproc) + 1)) --dist loadfile

# Tests every template of `harness new`, also those whose toolchains no port here needs.
test-templates: $(VENV)/installed-for-tests
	@$(BIN)/harness doctor --fix
	$(BIN)/pytest -m docker tests/end_to_end/test_templates.py tests/end_to_end/test_new_listing.py

# Removes one safeguard against misbehaving ports at a time: its test must fail. Takes ten minutes.
test-safeguards: $(VENV)/installed-for-tests
	@$(BIN)/harness doctor --fix
	$(BIN)/pytest -m safeguards tests/end_to_end/test_safeguards.py

# Runs the tests that need no engine on the oldest and the newest Python, with the lowest and the
# highest versions of packages within the ranges. Takes an hour. VERSIONS='3.15 highest' runs one.
test-versions: $(VENV)/installed-for-tests $(BIN)/uv
	@$(BIN)/harness doctor --fix
	$(BIN)/python tests/versions.py $(VERSIONS)

# Runs ports on random systems. SYSTEMS is their number.
fuzz: $(VENV)/installed engine
	@$(BIN)/harness fuzz --engine $(call quote,$(ENGINE)) \
	    $(if $(PORT),--port $(call quote,$(PORT))) \
	    $(if $(SYSTEMS),--systems $(call quote,$(SYSTEMS)))

# Measures how fast ports are asked and judged, and shows the targets. Takes a few minutes.
bench: $(VENV)/installed engine
	@$(BIN)/python -m benchmarks --engine $(call quote,$(ENGINE)) \
	    $(if $(PORT),--port $(call quote,$(PORT)))

# Checks that a container engine answers, where the ports run in containers.
engine: $(VENV)/installed
ifeq ($(ENGINE),docker)
	@$(BIN)/harness doctor --fix
endif

# Debian's Python comes without the module venv, which is in a package of its own.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …' >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	    echo 'installing python3-venv' && apt-get update -qq && \
	    apt-get install -qq -y --no-install-recommends python3-venv >/dev/null && \
	    $(PYTHON) -m venv $(VENV); } || { \
	    echo 'Install the venv module of $(PYTHON), then run make again.' >&2; exit 2; }

# The lock names each package, its version and its hashes: pip installs that and nothing else.
INSTALL = $(PIP) install --require-hashes --requirement $(1) && \
          $(PIP) install --no-deps --no-build-isolation --editable .

$(VENV)/installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo 'installing the harness into $(VENV)'
	@$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/installed-for-tests: requirements-test.txt pyproject.toml | $(BIN)/python
	@echo 'installing the harness and its test tools into $(VENV)'
	@$(call INSTALL,requirements-test.txt)
	@touch $@ $(VENV)/installed

# Resolves the ranges of pyproject.toml to the newest versions, and writes the lock: for every
# supported Python and every system, with wheels only, because a build fetches unlocked packages.
COMPILE = $(BIN)/python -c 'import tomllib; \
    print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' | \
    $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
    --only-binary :all: --emit-build-options --custom-compile-command 'make lock' pyproject.toml -

lock: | $(BIN)/uv
	$(COMPILE) --extra test --output-file requirements-test.txt
	$(COMPILE) --constraint requirements-test.txt --output-file requirements.txt

$(BIN)/uv: | $(BIN)/python
	@$(PIP) install 'uv>=0.9,<1'

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name .gitkeep -delete
