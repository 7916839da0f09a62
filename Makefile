# Every target a person needs. `make help` lists them.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
KERNELS := $(shell grep -rl jit_kernel --include=*.py generation/animation)
# Beside the machine code, so that it goes where that goes.
COMPILED := generation/animation/geometry/__pycache__/compiled
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-tamper drill load dev test test-postgresql test-quick lint format types messages docs openapi package rehearse fsck lock clean train train-smoke

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.runtime $(COMPILED) ## virtual environment with the locked run-time packages

$(VENV)/.runtime: requirements.txt requirements-nodeps.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing: install Python 3.11, or say make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 12)})' || { echo "make: $(PYTHON) is not Python 3.11 or 3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "Making the virtual environment ..."; $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: the venv module is missing: install python3.11-venv"; exit 1; }; }
	@echo "Installing the locked packages ..."
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps torch==2.13.0
	@$(BIN)/python -c 'import torch' 2>/dev/null || { echo "This build of torch needs the libraries of its GPU ..."; $(PIP) torch==2.13.0; }
	@$(PIP) --no-deps --require-hashes -r requirements-nodeps.txt
	@touch $@

# Readers of portraits find the kernels compiled: their sandbox lets them keep nothing.
$(COMPILED): $(VENV)/.runtime $(KERNELS)
	@echo "Compiling the renderer's kernels ..."
	@$(BIN)/python -m tools.compile_kernels 2>/dev/null
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt requirements-package.txt
	@echo "Installing the packages for tests ..."
	@$(PIP) --require-hashes -r requirements-dev.txt -r requirements-package.txt
	@touch $@

$(VENV)/.train: $(VENV)/.dev requirements-train.txt
	@for program in flite espeak-ng festival fluidsynth; do command -v $$program >/dev/null || { echo "make: training needs $$program and its voices: see generation/animation/training/synthesisers/festival.py"; exit 1; }; done
	@echo "Installing the packages for training ..."
	@$(PIP) --require-hashes -r requirements-train.txt
	@touch $@

demo: $(COMPILED) ## one consented portrait in, one sealed video out, checked three ways
	@$(BIN)/python -m tools.demo

demo-tamper: $(COMPILED) ## tamper with everything there is, and see which check catches it
	@$(BIN)/python -m tools.tamper_drill

drill: $(VENV)/.dev $(COMPILED) ## break everything that may break, and see what holds; DRILL="log disk" for some
	@$(BIN)/python -m tools.drill $(DRILL)

load: $(VENV)/.dev $(COMPILED) ## what a minute of video costs on this machine, with 1, 2 and 4 workers (docs/cost.md); LOAD="--jobs 4" for less
	@$(BIN)/python -m benchmarks.load.throughput $(LOAD)

dev: $(COMPILED) ## everything on loopback until Ctrl-C, with demo logins
	@$(BIN)/python -m tools.dev

# One thread for each test process: torch's threads wait by spinning and would take the cores from each other.
test test-quick test-postgresql: export OMP_NUM_THREADS = 1
# Test processes and what they start find our own code compiled, also where an image asks for no bytecode.
test test-quick test-postgresql: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.dev $(COMPILED) ## all tests
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=40 --durations-min=4

test-postgresql: $(VENV)/.dev $(COMPILED) ## the tests that touch the database, on a PostgreSQL that it starts
	@$(BIN)/python -m tests.on_postgresql

test-quick: $(VENV)/.dev $(COMPILED) ## the tests without rendering, servers and browser
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not slow and not e2e"

lint: $(VENV)/.dev ## style, import contracts, migrations in step with models
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0 || { echo "make: a model changed without its migration"; exit 1; }

format: $(VENV)/.dev ## let ruff rewrite what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.dev ## mypy
	@$(BIN)/mypy

messages: $(VENV)/.dev ## bring locale/ up to date with what pages show, and list what has no translation
	@DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -m tools.translations.update

$(VENV)/.docs: $(VENV)/.dev requirements-docs.txt
	@echo "Installing the packages for the documentation ..."
	@$(PIP) --require-hashes -r requirements-docs.txt
	@touch $@

docs: $(VENV)/.docs ## the documentation as a site, in var/docs/index.html
	@$(BIN)/python -m sphinx -W --keep-going --quiet -c docs -d var/docs-cache . var/docs
	@$(BIN)/python -m tools.docs.check_links var/docs

openapi: $(VENV)/.dev ## write docs/openapi.json; BREAKING=--breaking if callers may break
	@$(BIN)/python -m tests.contracts.write_openapi $(BREAKING)

# In an environment that is made for it and has nothing else: what a stranger who installs the wheel gets.
package: $(VENV)/.dev ## wheel and sdist of the Python package, in var/dist, and the wheel tried in an empty environment
	@rm -rf var/dist var/package
	@$(BIN)/python -m hatchling build --directory var/dist
	@$(BIN)/python -m venv var/package
	@var/package/bin/python -m pip --disable-pip-version-check install --quiet var/dist/*.whl
	@cd tests/golden/0.1.0 && ../../../var/package/bin/likeness verify released.mp4 --keys keys.json --bundle released.bundle.json

train: $(VENV)/.train ## all networks of the speech side, in var/training (needs flite, espeak-ng, festival, fluidsynth)
	@$(BIN)/python -m generation.animation.training.train_articulation --work var/training/articulation
	@$(BIN)/python -m generation.animation.training.train_motion_flow var/training/motion
	@$(BIN)/python -m generation.animation.training.voice.train_voice_probe var/training/voice

train-smoke: $(VENV)/.dev ## the same without Kokoro, with seconds of speech and a few steps, to see that it runs
	@$(BIN)/python -m generation.animation.training.train_articulation --work var/training-smoke/articulation --smoke
	@$(BIN)/python -m generation.animation.training.train_motion_flow var/training-smoke/motion --minutes 1 --takes 2 --steps 4

rehearse: $(VENV)/.dev $(COMPILED) ## start what deploy/compose.yaml starts, process by process, without containers
	@$(BIN)/python -m tools.deployment.rehearse

fsck: $(VENV)/.runtime ## check the whole public log against its hashes and checkpoints
	@$(BIN)/python manage.py auditlog_fsck

lock: ## compile the requirements locks (needs uv)
	@command -v uv >/dev/null || { echo "make: uv is missing: pip install uv"; exit 1; }
	uv pip compile --quiet --python-version 3.11.2 --generate-hashes --no-annotate --no-header requirements.in -o requirements.txt
	{ sed -n 's/^#!/#/p' requirements.in; cat requirements.txt; } > requirements.txt.new && mv requirements.txt.new requirements.txt
	uv pip compile --quiet --python-version 3.11.2 --generate-hashes --no-annotate --no-header requirements-dev.in -o requirements-dev.txt
	uv pip compile --quiet --python-version 3.11.2 --generate-hashes --no-annotate --no-header requirements-package.in -o requirements-package.txt
	uv pip compile --quiet --python-version 3.11.2 --generate-hashes --no-annotate --no-header requirements-docs.in -o requirements-docs.txt
	uv pip compile --quiet --python-version 3.11.2 --generate-hashes --no-annotate --no-header requirements-train.in -o requirements-train.txt
	uv pip compile --quiet --python-version 3.11.2 --generate-hashes --no-annotate --no-header --no-deps requirements-nodeps.in -o requirements-nodeps.txt

clean: ## remove the virtual environment and everything the service wrote
	rm -rf $(VENV) var
