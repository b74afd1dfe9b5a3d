# A fresh clone needs Python 3.11 or newer and make, nothing else: each target sets up .venv first.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= 2
DEMO_FOLDER ?= demo-shop
MEGABYTES ?= 1000

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint types format docs bench clean

help:
	@echo 'make demo      the whole story on a private PostgreSQL, in under a minute'
	@echo 'make test      the quick tests'
	@echo 'make test-all  all tests, the slow ones included'
	@echo 'make lint      ruff: rules and format'
	@echo 'make types     mypy, strict'
	@echo 'make format    format the code'
	@echo 'make docs      write the parts of docs/ that come from the code'
	@echo 'make bench     the benchmarks, on MEGABYTES=1000'
	@echo 'make clean     remove .venv, caches and the demo'

demo: $(INSTALLED)
	@$(BIN)/datamask demo --folder $(DEMO_FOLDER)

test: $(INSTALLED)
	@$(BIN)/pytest -n $(WORKERS) -m 'not slow and not benchmark'

test-all: $(INSTALLED)
	@TEST_EXAMPLES=all $(BIN)/pytest -n $(WORKERS) -m 'not benchmark'

lint: $(INSTALLED)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(INSTALLED)
	@$(BIN)/mypy

format: $(INSTALLED)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(INSTALLED)
	@$(BIN)/python tests/support/house_map.py
	@$(BIN)/python -m datamask.cli.reference > docs/reference/cli.md
	@$(BIN)/python -m datamask.masking.reference > docs/reference/transforms.md
	@$(BIN)/python -m datamask.policy.findings_reference > docs/reference/findings.md
	@$(BIN)/python -m datamask.policy.packs_reference > docs/reference/packs.md

bench: $(INSTALLED)
	@$(BIN)/python tests/benchmarks/bench_transforms.py
	@$(BIN)/python tests/benchmarks/bench_commands.py
	@$(BIN)/python tests/benchmarks/bench_discovery.py
	@$(BIN)/python tests/benchmarks/bench_synthetic.py
	@$(BIN)/python tests/benchmarks/bench_synthetic_quality.py
	@$(BIN)/python tests/benchmarks/bench_pipeline.py --megabytes $(MEGABYTES)

clean:
	@if [ -x $(BIN)/datamask ] && [ -f $(DEMO_FOLDER)/datamask.yaml ]; then \
	    $(BIN)/datamask env down --config $(DEMO_FOLDER)/datamask.yaml; \
	fi
	rm -rf $(VENV) $(DEMO_FOLDER) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find datamask tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once; installed again when the dependencies may have changed.
$(INSTALLED): pyproject.toml
	@.ci/setup $(VENV)
	@touch $@
