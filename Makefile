# `make` lists what there is. Every recipe is one script or one command, so each can be run by hand.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup assets build run test lint format dist fuzz clean

# DEMO=0 starts the server without the demo shop. DATA is the data folder. LISTEN is HOST:PORT of
# the only listener; without it the server picks its defaults (127.0.0.1:9700 and the OTLP ports).
DEMO ?= 1
DATA ?= ./data
LISTEN ?=
# release, or debug for a quicker build.
CONFIGURATION ?= release
# Of the fuzzers: another seed changes inputs otherwise, more rounds take longer.
SEED ?= 1
ROUNDS ?= 20000

help: ## list the targets
	@echo "Perch: make TARGET"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing of the system's packages, check the Swift version
	@Scripts/setup.sh

assets: ## fetch the pinned web assets (checked by SHA-256) and write them as C arrays
	@python3 Scripts/assets.py

build: setup assets ## build everything for debugging
	swift build

run: ## build, start the server and the demo, print the address: DEMO=0 DATA=DIR LISTEN=HOST:PORT
	@DEMO='$(DEMO)' DATA='$(DATA)' LISTEN='$(LISTEN)' CONFIGURATION='$(CONFIGURATION)' Scripts/run.sh

test: ## all tests, ends with the test runner's closing line: ARGS='--filter Name'
	@Scripts/test.sh $(ARGS)

lint: ## the formatter's rules, as errors
	@Scripts/lint.sh

format: ## format all Swift sources in place
	swift format --in-place --parallel --recursive Package.swift Sources Tests Examples

dist: setup assets ## dist/perch: one file for a bare Debian 12, tried in one
	@Scripts/dist.sh

fuzz: setup ## change inputs of decoders and parsers at random: SEED=1 ROUNDS=20000
	swift build -c release --package-path Fuzz
	Fuzz/.build/release/WireFuzz Fuzz/Corpus $(SEED) $(ROUNDS)

clean: ## remove what was built; keeps the data folder
	rm -rf .build .build-dist dist Screenshots .venv-assets .venv-tests Sources/CPerchAssets/generated.inc
