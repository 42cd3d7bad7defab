# Everything a newcomer or a build machine runs. Needs Python 3.11 or later, make, and pip's package index.
#
#   make demo    both ends, the first full synchronization, and the proof that they are equal
#   make test    the tests                    make check   the checks a change must pass
#   make bench   the benchmark                make lock    renew the pinned requirements
#   make bench ARGS="--only lists --listed 1000000"   pages of a list of a million couplings
#   make simulate SEEDS=200000   users, faults, crashes and restored backups in virtual time, judged at every step
#   make simulate-embedded SEEDS=5000   the same with the real store, the connectors and both embedded services
#   make simulate-mutants   known bugs, put into the engine one at a time: the simulation must find each
#   make soak    500 kills of the synchronization under faults and edits, and of the services now and then
#   make soak-short   20 of them, with fewer customers: minutes instead of an hour
#   make screenshots   pictures of the web client for the documentation, in docs/images
#   make screenshots ARGS="--all DIRECTORY"   many pages in every language, wide and narrow, light and dark
#   make texts   gather the texts for people into the catalogues of translations; names what is not translated
#   make test-clients   clients that nobody here wrote, installed into .clients, against the embedded services
#   make record-clients   the same, and write the transcripts that `make test` replays
#   make sbom    the bill of materials of what runs (CycloneDX), in build/
#   make audit   known weaknesses of every pinned package; needs the network
#   make secrets   secrets that somebody ever committed: every line of the history
#   make wheel   the package, built twice: both must be the same, byte by byte
#   make clean   remove the environment and everything generated
#
# Options of a command go into ARGS: make demo ARGS="--once --customers 200"; make test ARGS="tests/domain".

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CLIENTS ?= .clients
ARGS ?=
BENCH_ARGS ?=
WORKERS ?= 2
SOAK_KILLS ?= 500
SOAK_SEED ?= 1
SOAK_CUSTOMERS ?= 80
SEEDS ?= 2000
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Programs started by tests load their bytecode, whatever the shell asks for.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-clients record-clients check bench screenshots texts soak soak-short simulate simulate-embedded simulate-mutants lock sbom audit secrets wheel clean environment

help:
	@sed -n 's/^#   //p' Makefile

environment: $(VENV)/.test

# What runs Interlace. The stamp is newer than what it was made from, so a second call costs nothing.
$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Interlace needs Python 3.11 or later; $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12")'
	@echo "==> Creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "==> Installing pinned packages (requirements/run.txt); the first time takes about a minute"
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --no-index --editable .
	@touch $@

# What tests and checks it, on top.
$(VENV)/.test: requirements/dev.txt $(VENV)/.run
	@echo "==> Installing the pinned test tools (requirements/dev.txt)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.run
	@echo "==> interlace demo $(ARGS)"
	@$(BIN)/interlace demo $(ARGS)

# What browser tests and pictures need: the system's Chromium, or one that is fetched where that may be.
$(VENV)/.chromium: $(VENV)/.test
	@$(BIN)/python -m tools.chromium --install && touch $@ || true

test: $(VENV)/.test $(VENV)/.chromium
	@echo "==> Tests ($(WORKERS) at a time, random order; repeat an order with ARGS='--randomly-seed=N')"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Strangers' clients, in an environment of their own, so that nothing of theirs is beside what runs Interlace.
$(CLIENTS)/.installed: requirements/clients.txt tests/clients/programs/package-lock.json
	@echo "==> Installing the pinned clients (requirements/clients.txt, package-lock.json) into $(CLIENTS)"
	@$(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/python -m pip install --quiet --require-hashes -r requirements/clients.txt
	@mkdir -p $(CLIENTS)/javascript
	@cp tests/clients/programs/package.json tests/clients/programs/package-lock.json $(CLIENTS)/javascript/
	@cd $(CLIENTS)/javascript && PATH="$(abspath $(CLIENTS))/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

test-clients: $(VENV)/.test $(CLIENTS)/.installed
	@echo "==> Clients that nobody here wrote"
	@INTERLACE_TEST_CLIENTS=$(CLIENTS) $(BIN)/python -m pytest tests/clients/live_strangers.py $(ARGS)

record-clients: $(VENV)/.test $(CLIENTS)/.installed
	@$(BIN)/python -m tests.clients.record $(CLIENTS) $(ARGS)
	@$(BIN)/python -m tools.client_pages

check: $(VENV)/.test
	@BIN=$(BIN) tools/check

screenshots: $(VENV)/.test $(VENV)/.chromium
	@$(BIN)/python -m tools.screenshots $(ARGS)

texts: $(VENV)/.test
	@$(BIN)/python -m tools.texts

bench: $(VENV)/.test
	@echo "==> Benchmark"
	@$(BIN)/python -m benchmarks $(ARGS) $(BENCH_ARGS)

simulate: $(VENV)/.run
	@echo "==> $(SEEDS) simulated schedules"
	@PYTHONHASHSEED=0 $(BIN)/python -m interlace.testing.simulator --seeds $(SEEDS) --processes $(WORKERS) $(ARGS)

# A schedule of these costs a hundred times as much as one of `simulate`: without SEEDS there are fewer.
simulate-embedded: EMBEDDED_SEEDS = $(if $(filter file default undefined,$(origin SEEDS)),500,$(SEEDS))
simulate-embedded: $(VENV)/.run
	@echo "==> $(EMBEDDED_SEEDS) simulated schedules of the embedded services"
	@$(BIN)/python -m interlace.simulation --seeds $(EMBEDDED_SEEDS) --processes $(WORKERS) $(ARGS)

simulate-mutants: $(VENV)/.run
	@echo "==> Seeded bugs"
	@PYTHONHASHSEED=0 $(BIN)/python -m interlace.testing.mutants --processes $(WORKERS) $(ARGS)

soak: $(VENV)/.test
	@echo "==> Soak (repeat one with SOAK_SEED=N; SOAK_STATE=DIRECTORY keeps everything)"
	@SOAK_KILLS=$(SOAK_KILLS) SOAK_SEED=$(SOAK_SEED) SOAK_CUSTOMERS=$(SOAK_CUSTOMERS) $(BIN)/python -m tools.soak

soak-short:
	@$(MAKE) soak SOAK_KILLS=20 SOAK_CUSTOMERS=30

lock: $(VENV)/.test
	@echo "==> Resolving and hashing the requirements (a few minutes)"
	@$(BIN)/python tools/lock_requirements.py $(ARGS)

sbom: $(VENV)/.run
	@$(BIN)/python -m tools.bill_of_materials

audit: $(VENV)/.run
	@$(BIN)/python -m tools.known_weaknesses

secrets: $(VENV)/.run
	@$(BIN)/python -m tools.secret_lint --history

# The time of the last commit stands in for the time of the build.
wheel: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
wheel: $(VENV)/.run
	@rm -rf build/wheel dist
	@chmod -R go=u-w src README.md LICENSE pyproject.toml  # modes of files stand in the package
	@umask 022; for place in dist build/wheel; do \
		rm -rf build/lib build/bdist.* src/*.egg-info; \
		$(BIN)/python -m pip wheel --quiet --no-build-isolation --no-deps --no-index --wheel-dir $$place .; \
	done
	@cmp dist/*.whl build/wheel/*.whl
	@cd dist && sha256sum *.whl

clean:
	@echo "==> Removing $(VENV), $(CLIENTS) and everything generated"
	@rm -rf $(VENV) $(CLIENTS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -rf src/*.egg-info
