# Everything a newcomer types. `make` alone lists it.
SHELL := /bin/bash
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
RUNNING := $(VENV)/.running
TESTING := $(VENV)/.testing
COMPILED := $(VENV)/.catalogues

.PHONY: help install run test check phrases peers bench fuzz screenshots clean

help: ## What can be made here
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(COMPILED) ## Make the environment that Sightline itself needs, without the sandbox

run: $(RUNNING) $(COMPILED) ## Start the sandbox hospital and Sightline, print the address to open (HTTPS=1: as two sites on https)
	@$(PYTHON) -m sandbox run $(if $(SANDBOX_PORT),--port $(SANDBOX_PORT)) $(if $(SIGHTLINE_PORT),--sightline-port $(SIGHTLINE_PORT)) $(if $(HTTPS),--https)

test: $(TESTING) $(COMPILED) ## Run every test, those in a real browser and with a real Redis included (SKIP_BROWSER=1, SKIP_REDIS=1 leave them out)
	@./scripts/find-browser
	@./scripts/find-redis
	@$(PYTHON) -m pytest -n 2 -q $(ARGUMENTS)

check: $(TESTING) ## Lint, format and types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

phrases: $(INSTALLED) ## Take new and changed English words of code and templates into every language's catalogue, name what lacks
	@$(PYTHON) -m translations

peers: $(TESTING) $(COMPILED) ## Test against foreign servers and viewers: Keycloak, HAPI FHIR, Orthanc, OHIF; what cannot be had is skipped and said
	@PEERS=1 SKIP_BROWSER=$$(./scripts/find-browser >&2 || echo 1) $(PYTHON) -m pytest -n 0 -q -rs tests/peers $(ARGUMENTS)

bench: $(TESTING) $(COMPILED) ## Speed and size, as ratios against baselines measured in the same run
	@$(PYTHON) -m bench

fuzz: $(TESTING) ## Broken input for all that is parsed from outside (SECONDS=60); what cannot be taken is printed
	@$(PYTHON) -m tests.fuzz $(or $(SECONDS),60)

screenshots: $(TESTING) ## Every screen at 320, 768 and 1280 px, light and dark, as pictures below docs/screenshots
	@./scripts/find-browser
	@$(PYTHON) -m tests.browser.screenshots docs/screenshots

clean: ## Remove the environment and everything the sandbox made
	rm -rf $(VENV) var

$(PYTHON):
	@./scripts/make-environment $(VENV)

$(INSTALLED): $(PYTHON) requirements.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(PYTHON) -m compileall -q sightline app.py
	@touch $@

$(COMPILED): $(INSTALLED) $(wildcard translations/*/LC_MESSAGES/messages.po)
	@$(PYTHON) -m translations compile
	@touch $@

$(RUNNING): $(INSTALLED) sandbox/requirements.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r sandbox/requirements.txt
	@$(PYTHON) -m compileall -q sandbox
	@touch $@

$(TESTING): $(RUNNING) requirements-dev.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
