# Everything installs into .venv; nothing else on the machine changes.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo new check docs test test-e2e bench histories dashboards pictures golden german release

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=/path/to/it" if sys.version_info < (3, 11) else 0)'
	@echo "Preparing the environment in .venv, which takes up to a minute ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt \
		|| { echo "Behind a proxy, docs/how-to/run-behind-a-proxy.md helps."; exit 1; }
	@touch .venv

demo: .venv ## Render a project into build/demo, start it, run a workflow of each domain, stop it
	@rm -rf build/demo
	@$(BIN)/copier copy --quiet --defaults --vcs-ref HEAD "$(CURDIR)" build/demo
	@$(MAKE) --no-print-directory -C build/demo UV="$(CURDIR)/$(BIN)/uv" setup demo

# Where later updates come from: the address of the repository, for projects that more than one person works on.
SOURCE ?= $(CURDIR)

new: .venv ## Create a project after an interview: make new DEST=../my-service [SOURCE=https://...]
	@$(if $(DEST),,$(error Where should the project go? make new DEST=../my-service))
	@$(if $(wildcard $(DEST)/.copier-answers.yml),$(error There is a project in $(DEST) already: `make update` there brings in what is new))
	@$(BIN)/python -m tests.new "$(SOURCE)" "$(DEST)"

check: .venv docs ## Lint, types, names, documentation and links of this repository
	@$(BIN)/ruff format --diff .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest --quiet tests/test_repository.py

docs: .venv ## Build the documentation into build/docs [REPOSITORY=https://...]
	@$(BIN)/properdocs build

test: .venv ## The whole suite that needs nothing but packages from PyPI
	@$(BIN)/pytest --numprocesses 2 --dist worksteal -m 'not e2e' --durations 10

test-e2e: .venv ## What needs Debian packages or minutes
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m 'e2e and not alone' --durations 0 --durations-min 5
	@$(BIN)/pytest -m alone --durations 0 --durations-min 5

bench: .venv ## Measure copies and workers for docs/reference/benchmarks.md, in minutes [PART=worker] [PAIRS=5 of worker and tuning] [PEERS=folder]
	@$(if $(PEERS),PEERS='$(PEERS)') $(BIN)/python -m tests.bench $(PART) $(if $(PAIRS),--pairs '$(PAIRS)')

histories: .venv ## Record the histories that the recipes ship, where the code does something else now
	@$(BIN)/python -m tests.histories

dashboards: .venv ## Write the Grafana dashboards that the projects ship
	@$(BIN)/python -m tests.dashboards

# With what no test needs.
pictures: .venv ## Make the pictures of the documentation anew, in minutes [PART=interview]
	@$(BIN)/uv run --quiet --no-project --python $(BIN)/python --with 'pillow>=12,<13' \
		--with 'playwright>=1.65,<2' --with 'pyte>=0.8.2,<0.9' --with 'rich>=15,<16' \
		python -m tests.pictures $(PART)

golden: .venv ## Write the lists of files, questions, commands and mutations anew
	@$(BIN)/pytest --quiet tests/test_render.py tests/test_questions.py tests/test_commands.py tests/matrix -k 'golden or page' --write-golden

german: .venv ## Say which sections of docs/de their English ones have left behind
	@$(BIN)/pytest --quiet tests/test_german.py -k says_what

release: .venv ## Date the changelog and tag a version: make release VERSION=0.1.0
	@$(BIN)/python -m tests.release $(VERSION)
