# The project's commands; `make` alone lists them. Everything they need they bring along: see provider/toolchain/.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
WAIT ?= true
RELEASE ?= 2
EFFECT_S ?=
OPEN ?= 1
# The engine: empty for a recent one of PATH or else the pinned one, or `pinned`, or `newest`.
ENGINE ?=

TOOLCHAIN := provider/toolchain
# The Python of `make test-newest`, which may be one of pyenv that is not on PATH, and the tests of what uses libraries.
NEWEST_PYTHON ?= 3.13
USE_LIBRARIES := tests/cloud tests/system tests/emulator tests/resources tests/cli tests/domains tests/recorded tests/terraform \
	tests/pulumi_engine/test_inputs.py
UV := PYTHON=$(PYTHON) $(TOOLCHAIN)/uv
# Most tests wait for an engine or a clock: three workers for each core.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(3 * (os.cpu_count() or 1))')
RUN = $(UV) run --frozen --no-sync
# TESTED=NAME: a green run notes its versions in tests/versions/tested.json.
TESTED ?=
note = $(if $(TESTED),&& PYTHONPATH=tests $(1) -m versions $(call quoted,$(TESTED)) --of=$(call quoted,$(ARGS)))
quoted = '$(subst ','\'',$(1))'
FIND_ENGINE = $(PYTHON) $(TOOLCHAIN)/engine.py $(if $(ENGINE),--version=$(call quoted,$(ENGINE)))
BIOME = $(RUN) python $(TOOLCHAIN)/biome.py

.PHONY: help env hooks engine tofu up down example test test-quick test-lowest bench lint types layers format wheel conformance record docs recording captures protocol dist changelog test-newest up-terraform

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: ## the project's environment in .venv, as uv.lock has it
	@$(UV) sync --frozen --quiet --all-extras

hooks: env ## have git run the quick checks before each commit, on the files of the commit
	@$(RUN) prek install

engine: ## find, install or build the Pulumi engine (ENGINE=newest: the newest); the last line is the folder to put on PATH
	@$(FIND_ENGINE)

tofu: ## build OpenTofu from its Go modules, for tests where there is no Terraform; the last line is the program
	@$(PYTHON) $(TOOLCHAIN)/tofu.py --source cache --source build

up: env ## the main job: a new release, live on every edge when this returns
	@engine="$$($(FIND_ENGINE) | tail -n 1)" && [ -n "$$engine" ] && \
	PATH="$$engine:$$PATH" $(RUN) python examples/quickstart/demo.py up \
		--wait=$(call quoted,$(WAIT)) --release=$(call quoted,$(RELEASE)) --effect-s=$(call quoted,$(EFFECT_S))

up-terraform: env ## the same with Terraform or OpenTofu: the one on PATH, or else one that is built once, in 8 minutes
	@program="$$($(PYTHON) $(TOOLCHAIN)/tofu.py)" && \
	$(RUN) python examples/quickstart/demo.py up --terraform="$$program" \
		--wait=$(call quoted,$(WAIT)) --release=$(call quoted,$(RELEASE)) --effect-s=$(call quoted,$(EFFECT_S))

down: env ## end the local cloud of `make up` and remove its state
	@$(RUN) python examples/quickstart/demo.py down

example: env ## run an example at a local cloud of its own: NAME=static-site, or another folder of examples/
	@engine="$$($(FIND_ENGINE) | tail -n 1)" && [ -n "$$engine" ] && \
	PATH="$$engine:$$PATH" $(RUN) python examples/run.py $(or $(NAME),--help)

lint: env ## rules and format of Python, of the page's template, style and script; spelling; dead code
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) djlint --quiet --lint provider
	@$(BIOME) check --error-on-warnings .
	@$(RUN) codespell
	@$(RUN) vulture
	@$(RUN) vulture provider examples # what nothing but a test uses is dead, too

types: env ## mypy, strict; the examples one by one, as each is a program of its own
	@$(RUN) mypy
	@for program in examples/*/__main__.py; do MYPYPATH="provider:$$(dirname $$program)" $(RUN) mypy --no-error-summary $$program || exit 1; done

layers: env ## import-linter: the layers point one way
	@$(RUN) lint-imports --no-logo

format: env ## rewrite the sources as ruff and Biome want them
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .
	@$(BIOME) check --write .

test: lint types layers ## everything CI runs: the checks, all tests, the real engine included, and their coverage; ARGS="tests/cli" for some, ENGINE=newest with that engine
	@engine="$$($(FIND_ENGINE) | tail -n 1)" && [ -n "$$engine" ] && \
	export PATH="$$engine:$$PATH" && \
	$(RUN) pytest --numprocesses=$(WORKERS) --dist=worksteal --durations=10 $(or $(ARGS),--cov --cov-report=term:skip-covered) \
	$(call note,$(RUN) python)

test-quick: env ## tests of the folders that differ from main, but the real engine's and those that repeat much: about a minute
	@$(RUN) pytest -q --numprocesses=$(WORKERS) --dist=worksteal -m "not engine and not thorough" $$(PYTHONPATH=tests $(RUN) python -m support.quick)

test-lowest: env ## tests of what uses libraries, with the oldest Python and the lowest version of each library that pyproject.toml allows
test-newest: env ## the same with a newer Python, the newest version of each library, and the newest engine

test-newest: ENGINE := newest
test-lowest test-newest:
	@mkdir -p dist/$@
	@PATH="$$PATH:$(subst $() ,:,$(wildcard $(HOME)/.pyenv/versions/$(NEWEST_PYTHON).*/bin))" \
	$(UV) venv --quiet --clear --python $(if $(filter test-newest,$@),$(NEWEST_PYTHON),.venv/bin/python) dist/$@/venv
	@$(UV) pip compile --quiet pyproject.toml --all-extras --python dist/$@/venv \
		--resolution $(if $(filter test-newest,$@),highest,lowest-direct) --output-file dist/$@/versions.txt > /dev/null
	@$(UV) pip install --quiet --python dist/$@/venv --requirements dist/$@/versions.txt --constraints dist/$@/versions.txt --group test
	@$(UV) pip install --quiet --python dist/$@/venv --no-deps --editable .
	@engine="$$($(FIND_ENGINE) | tail -n 1)" && [ -n "$$engine" ] && export PATH="$(CURDIR)/dist/$@/venv/bin:$$engine:$$PATH" && \
	python -m pytest --numprocesses=$(WORKERS) --dist=worksteal $(or $(ARGS),$(USE_LIBRARIES)) $(call note,python)

docs: env ## build the pages in docs/ and open them; OPEN= builds only, WRITE=1 first renews what is made from the code
	@$(if $(WRITE),PYTHONPATH=tests $(RUN) python -m manual)
	@$(RUN) sphinx-build --quiet --fail-on-warning --keep-going docs dist/docs
	@echo dist/docs/index.html
	@$(if $(OPEN),$(RUN) python -m webbrowser "file://$(CURDIR)/dist/docs/index.html")

recording: env ## record `make up` for README, as an animated SVG
	@$(MAKE) --no-print-directory down && PYTHONPATH=tests $(RUN) python -m manual.recording "make up" && $(MAKE) --no-print-directory down

captures: env ## renew what docs/troubleshooting.md shows of `pulumi up` in terminals of 80 and 200 columns
	@PYTHONPATH=tests $(RUN) python -m manual.captures

bench: env ## measure calls, lag, growth, overhead and plans of Terraform (ARGS="lag" alone is quick, or ARGS="network --size 100x30"); the tables end with verdicts
	@PYTHONPATH=tests $(RUN) python -m bench $(ARGS)

conformance: env ## check every statement of the API documents; WRITE=1 rewrites the table in tests/conformance/
	@PYTHONPATH=tests $(RUN) python -m conformance $(if $(WRITE),--write)

record: env ## record the state or manifest file of each scenario that has no recording yet (tests/recorded/); NAME=… for one of them
	@PYTHONPATH=tests $(RUN) python -m recorded $(NAME)

# Code of protobuf 5.28 runs with every protobuf that Pulumi allows; newer generators ask for a newer one.
protocol: env ## generate the code of the Terraform protocol from its definition
	@$(UV) run --quiet --no-project --with grpcio-tools==1.68.1 --with 'setuptools<80' python -m grpc_tools.protoc \
	-I provider --python_out=provider --pyi_out=provider pulumi_alicdn/terraform/tfplugin6/tfplugin6.proto

wheel: env ## build the wheel into dist/
	@$(UV) build --wheel --quiet

dist: env ## build sdist and wheel into dist/release and check them, with the time of the commit: the same sources give the same bytes
	@rm -rf dist/release
	@SOURCE_DATE_EPOCH="$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)}" $(UV) build --quiet --no-create-gitignore --out-dir dist/release
	@$(RUN) twine check --strict dist/release/*

changelog: env ## show what the next release says of the files in changes/; WRITE=1 moves it into CHANGELOG.md, under the version of pyproject.toml
	@$(RUN) towncrier build $(if $(WRITE),--yes,--draft)
