# The two commands of the README are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FAST := not slow and not wide and not browser and not model and not bench
SOURCES := index matcher web seed_data tests
# Each in an environment of its own: what they need does not go together.
SCANNERS := bandit schemathesis wapiti3 pip-audit
BENCH_DATA ?= ../shared/bench
# With 1000000 behind, half an hour and 10 GB more.
GROWTH ?= 10000,100000
# Some parts of `make bench` only; all but the long ones when empty.
PARTS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Idle OpenMP threads that spin starve whatever else runs; see web/calm_threads.py.
export OMP_WAIT_POLICY := PASSIVE

.PHONY: help setup run test fast check bench scan browser train

help:
	@echo "make run    set everything up, load the demo data, start the service"
	@echo "make test   set everything up, run all tests (browser tests included)"
	@echo "make fast   the fast tests alone, half a minute"
	@echo "make setup  make $(VENV)/ with the matcher command"
	@echo "make check  lint and types"
	@echo "make bench  measure against baselines, one table (PARTS=\"encoding pages\" LONG=1 RECORD=1 GROWTH=$(GROWTH))"
	@echo "make scan   let outside tools attack the code and the running service (10 minutes)"
	@echo "make train  make what ships anew: tuned weights, means, ranker (2 hours, BENCH_DATA=$(BENCH_DATA))"

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "[1/3] making $(VENV)/ with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Cannot make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "[2/3] installing packages (a few minutes the first time)"
	@$(BIN)/pip install --quiet --progress-bar on --constraint constraints.txt --editable .
	@echo "[3/3] checking the matcher command: $$($(BIN)/matcher --version)"
	@touch $@

$(VENV)/.test-ready: $(VENV)/.ready
	@echo "installing what tests and checks need"
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test,check]'
	@touch $@

run: setup
	@echo "[1/3] database and model (the model is built once, under a minute)"
	@$(BIN)/matcher init
	@echo "[2/3] demo data"
	@$(BIN)/matcher seed
	@echo "[3/3] service"
	@$(BIN)/matcher serve

browser:
	@if [ ! -x /usr/bin/chromium ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "installing Debian's Chromium and a Chinese font"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null; \
		else \
			echo "Browser tests need Chromium and a Chinese font. Install them with:"; \
			echo "  sudo apt-get install chromium fonts-wqy-microhei"; \
		fi; \
	fi

test: $(VENV)/.test-ready browser
	@echo "running the fast tests, then those with real processes, browsers and the real model"
	@$(BIN)/pytest -n 2 -m "$(FAST)"
	@$(BIN)/pytest -n 3 -m "not bench and not ($(FAST))"

fast: $(VENV)/.test-ready
	@$(BIN)/pytest -n 2 -m "$(FAST)"

check: $(VENV)/.test-ready
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy

bench: $(VENV)/.test-ready
	@$(BIN)/python -m tests.bench --data $(BENCH_DATA) --sizes $(GROWTH) --parts "$(PARTS)" \
		$(if $(LONG),--long) $(if $(KEEP),--keep) $(if $(RECORD),--record)

scan: $(VENV)/.test-ready
	@for tool in $(SCANNERS); do \
		echo "installing $$tool into .venv-scan/"; \
		$(PYTHON) -m venv .venv-scan/$$tool && .venv-scan/$$tool/bin/pip install --quiet $$tool || exit 1; \
	done
	@$(BIN)/python -m tests.security.scan --tools .venv-scan

train: $(VENV)/.ready
	@$(BIN)/python -m matcher.training --bench $(BENCH_DATA) --training $(BENCH_DATA)/../training --cache var/vectors
