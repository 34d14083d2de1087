# Needs a JDK 21 or newer somewhere on the machine (bin/find-jdk looks for it); Maven comes with the wrapper.
# `make check` is exactly what the CI runs.

.DEFAULT_GOAL := help
# check runs its parts in order, also under make -j
.NOTPARALLEL:
.PHONY: help run test check lint format bench clients chaos budget-status budget-status-container clean

# Docker if it is there, else Podman; COMPOSE="podman compose" says otherwise.
COMPOSE ?= $(shell if command -v docker >/dev/null 2>&1; then echo docker compose; else echo podman compose; fi)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-23s %s\n", $$1, $$2 }' Makefile

run: ## Build what is not built and start gateway, Redis and a simulated Telegram on this machine
	@./sluice dev

test: ## Run all tests; quiet when they pass
	@bin/maven --fail-at-end verify

check: lint test ## What the CI runs: lint, then all tests

lint: ## From clean: format, warnings as errors, unused or undeclared dependencies
	@bin/maven --fail-at-end -Pstrict clean spotless:check process-test-classes

format: ## Format the sources
	@bin/maven spotless:apply

bench: ## Run the benchmarks, side by side with peers
	@benchmarks/run

clients: ## Send through the gateway with real, unchanged client libraries
	@client-tests/run

chaos: ## Run the long fault runs (tests tagged "chaos")
	@bin/maven --fail-at-end -Pchaos verify

budget-status: ## Show what users have used of their messages and have left, on the server at SLUICE_URL
	@./sluice budget status

budget-status-container: ## The same in the container of compose.yaml
	@$(COMPOSE) exec -T app sluice budget status

clean: ## Remove everything that was built
	@bin/maven clean
