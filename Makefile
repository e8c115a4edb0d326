# What people run. `make` says what there is.
PYTHON := .venv/bin/python
CALLCENTER := $(PYTHON) -m callcenter

.PHONY: help setup demo lab test check bench clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | column -t -s:

setup: ## set this machine up (Debian 12, as root or with sudo); again: a moment
	@setup/setup.sh

demo: setup ## play a robbery, a full floor and a dead service on real calls
	@$(CALLCENTER) demo

lab: setup ## a whole hotline on this machine, for a softphone and a browser; Ctrl-C ends it
	@$(CALLCENTER) lab up

test: ## all tests, on a real Asterisk, with real phones and a real browser
	@setup/setup.sh --tests
	@# Side by side, as most tests wait for people to talk; unit tests take what processor is left.
	@$(PYTHON) -m pytest -q --durations=10 tests/integration/service >var/service-tests.log 2>&1 & \
	service=$$!; status=0; \
	nice -n 19 $(PYTHON) -m pytest -q tests/unit >var/unit-tests.log 2>&1 & \
	unit=$$!; \
	$(PYTHON) -m pytest --durations=10 --ignore=tests/integration/service tests/integration tests/e2e \
		|| status=1; \
	wait $$unit || status=1; wait $$service || status=1; \
	cat var/unit-tests.log var/service-tests.log; exit $$status

check: ## linters, format, types, who may import whom
	@setup/setup.sh --checks
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

bench: ## the benchmarks, each figure beside its bound; needs root to read packets
	@setup/setup.sh --tests
	@$(PYTHON) -m pytest tests/bench -s -q
	@$(CALLCENTER) bench all

clean: ## take the lab down, remove everything that was set up or built here
	@if [ -x $(PYTHON) ]; then $(CALLCENTER) lab down || true; fi
	@rm -rf .venv var callcenter/console/node_modules callcenter/console/dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
