# Every way to run, try and check the program; each target makes what it needs in .venv by itself.
.DEFAULT_GOAL := help
BIN := .venv/bin
.PHONY: help setup dev run demo test check lint format types contracts coverage bench peers scale fuzz histories torture evaluate prior lock clean

help:           ## what can be made
	@sed -n 's/^\([a-z]*\): .*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

setup:
	@scripts/setup.sh run

dev:
	@scripts/setup.sh dev

run: setup      ## poll the feeds of feeds.toml, write the digest into digests/ and show it
	@$(BIN)/python -m tracker first-page

demo: dev       ## three simulated weeks on a built-in sample internet, without a network
	@$(BIN)/python -m demo

test: dev       ## pass the tests
	@$(BIN)/python -m pytest -q -rs -n 2

check: lint types contracts coverage ## everything that is checked before a change lands

lint: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: dev
	@$(BIN)/mypy

contracts: dev
	@$(BIN)/lint-imports

coverage: dev   ## the tests with branch coverage, subprocesses included
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest -q -n 2
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report

bench: dev      ## measure, also beside other programs, 100 and 1,000 feeds; asserts nothing about time
	@$(BIN)/python -m pytest -q -s -m bench -p no:randomly tests/benchmarks
	@$(BIN)/python -m benchmarks.day
	@$(BIN)/python -m benchmarks.peers 100 3
	@$(BIN)/python -m benchmarks.peers 1000 1

RANKING := ../shared/ranking

evaluate: dev   ## measure the order of papers on real weeks; needs ../shared/ranking
	@$(BIN)/python -m ranking.evaluate $(RANKING)

prior: dev      ## fit the order of papers anew; needs ../shared/ranking
	@$(BIN)/python -m ranking.fit $(RANKING)

histories: dev  ## live through 10,000 random lives with the program, at most 45 minutes
	@printf '0\n1\n' | xargs -P 2 -I{} $(BIN)/python -m pytest -q -s -m histories -p no:randomly "tests/properties/test_history_properties.py::test_ten_thousand_lives[{}]"

peers: dev     ## measure the four kinds of poll beside other programs; FEEDS=1000 for more
	@$(BIN)/python -m benchmarks.peers $${FEEDS:-100} $${ROUNDS:-3}

scale: dev     ## measure how costs grow up to 10,000 feeds and a million entries, and draw docs/scale.svg
	@$(BIN)/python -m benchmarks.scale

torture: dev    ## two hundred kills, full disks and wrong clocks, at most ten minutes; TORTURE_SEED=… repeats one
	@$(BIN)/python -m pytest -q -s -m torture -p no:randomly tests/torture

fuzz: dev       ## thousands of hostile texts, from a feed's bytes to every output; FUZZ=2000 for more
	@FUZZ=$${FUZZ:-200} $(BIN)/python -m pytest -q -n 2 tests/properties/test_contained_properties.py

format: dev
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: dev       ## write the locks in requirements/ anew
	@$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q -o requirements/run.txt
	@$(BIN)/uv pip compile pyproject.toml --group build --group dev -c requirements/run.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -q -o requirements/dev.txt

clean:
	@rm -rf .venv .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov build dist
