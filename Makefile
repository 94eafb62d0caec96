# Thin verbs over cargo. TEST=word runs only the tests whose names contain the word; ARGS=... goes to the program.
.DEFAULT_GOAL := help
.PHONY: help run cluster build pages test test-integration simulate bench soak mutants check fuzz fmt openapi db audit clean
SHELL := bash

CARGO ?= cargo
ARGS ?=
PROGRAM ?=
TEST ?=
BENCH ?=
TARGET ?=
SECONDS ?= 60
SEEDS ?= 100
STEPS ?= 1000
SEED ?=
FAULT ?=
ROUNDS ?= 20
# The commit whose program the rolling upgrade starts from: the last one that does not know ranges of numbers.
OLDER ?= f295ba7
FILE ?=

# Most tests wait, for the clock or for a commit, so twice as many run at once as there are cores.
export RUST_TEST_THREADS ?= $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN))

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The profile of the tests: it builds in less than half the time of the shipped program.
run: ## Start the service with demonstration data on http://127.0.0.1:8080
	$(CARGO) run --locked -p stagedoor -- serve --demo $(ARGS)

# PROGRAM=file starts that program instead of the one that is built here. deploy/cluster/run has more verbs.
cluster: ## Run the service on three PostgreSQL nodes under Patroni, with etcd and HAProxy, on this machine until Ctrl-C
	$(if $(PROGRAM),,$(CARGO) build --locked -p stagedoor)
	$(if $(PROGRAM),PROGRAM='$(PROGRAM)') deploy/cluster/run

# Cargo links the complete program here again at each build, so the symbols are never lost.
build: ## Build the program as it is shipped: target/release/stagedoor, and its symbols: stagedoor.debug
	$(CARGO) build --release --locked -p stagedoor
	cd target/release && objcopy --only-keep-debug stagedoor stagedoor.debug \
		&& objcopy --strip-all --add-gnu-debuglink=stagedoor.debug stagedoor stagedoor.stripped && mv stagedoor.stripped stagedoor

# The program is built with the features that the tests give the workspace, so that no crate is built twice.
test: ## Run all tests on SQLite and on PostgreSQL (DATABASE_URL, or a throwaway server), check the API and the pages from outside, and run the benchmark briefly
	tests/with-postgres bash -c '$(CARGO) build --locked --workspace && $(CARGO) test --locked --workspace --no-fail-fast -- $(TEST)'
	$(if $(TEST),,tests/api/run target/debug/stagedoor)
	$(if $(TEST),,tests/browser/run target/debug/stagedoor)
	$(if $(TEST),,tests/deploy/run)
	$(if $(TEST),,env -u DATABASE_URL tests/with-postgres target/debug/stagedoor-bench --short --program target/debug/stagedoor --report target/bench/short)

# The backup test runs pg_dump, and the faults kill servers of their own; both need PostgreSQL programs on this machine.
test-integration: ## Run the tests that need PostgreSQL against the server that DATABASE_URL names, and no other
	@test -n "$$DATABASE_URL" || { echo 'Set DATABASE_URL to a PostgreSQL server on which the tests may create and drop schemas and databases.' >&2; exit 2; }
	$(CARGO) build --locked --workspace
	$(CARGO) test --locked --workspace --exclude stagedoor-faults --no-fail-fast -- postgres plans:: cost:: --skip dumped

simulate: ## Simulate sales from SEEDS (100) new seeds in STEPS (1000) steps each; SEED=number repeats one
	SIMULATION_SEEDS=$(SEEDS) SIMULATION_STEPS=$(STEPS) $(if $(SEED),SIMULATION_SEED=$(SEED)) \
		$(CARGO) test --locked -p stagedoor-tests --test simulation a_sale -- --nocapture

# BENCH=word runs only the scenarios whose names contain the word.
bench: build ## Measure the service against references, on its own PostgreSQL in target/bench
	tests/with-postgres --keep target/bench/postgres $(CARGO) run --release --locked -p stagedoor-bench -- --only '$(BENCH)' $(ARGS)

# FAULT=name injects only this fault; ROUNDS=n injects each n times on each store, and long ones and those on variants of
# a cluster a quarter as often. The run `rolling` needs the program of OLDER, which is built once, in some minutes.
soak: ## Inject every fault under load, many times, and judge every answer; the table goes to target/soak/report.md
	$(CARGO) build --locked --workspace
	older=$(if $(filter-out rolling,$(FAULT)),,$$(tests/older-program '$(OLDER)')) && \
		target/debug/stagedoor-faults --fault '$(FAULT)' --rounds $(ROUNDS) $${older:+--older "$$older"} $(ARGS)

# FILE=path changes only files whose paths match; the findings are in target/mutants/mutants.out.
mutants: ## Change the domain in small ways and check that a test fails for each (cargo-mutants; about 45 minutes)
	command -v cargo-mutants >/dev/null || $(CARGO) install --locked cargo-mutants
	mkdir -p target/mutants
	$(CARGO) mutants -p stagedoor-domain -o target/mutants $(if $(FILE),-f '$(FILE)') $(ARGS) -- --lib --tests

check: ## Check the format, the lints, the documentation and the dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items
	tests/deny

# Each finding becomes a test.
fuzz: ## Search for input that breaks a parser: TARGET=bodies SECONDS=60, or list the parsers
	fuzz/run '$(TARGET)' '$(SECONDS)'

# The bundle is committed, so that building the program needs no Node. VENDOR=1 copies the vendored libraries again.
pages: ## Bundle the web pages after a change of crates/http/pages/src (Node; installs esbuild from npm)
	cd crates/http/pages && npm ci --silent --no-audit --no-fund
	$(if $(VENDOR),cd crates/http/pages && node build.mjs --vendor)
	cd crates/http/pages && node build.mjs

fmt: ## Format the code
	$(CARGO) fmt --all

openapi: ## Generate docs/openapi.json
	$(CARGO) run --quiet --locked -p stagedoor -- openapi > docs/openapi.json

db: ## Run a PostgreSQL for development until Ctrl-C, with its data in data-postgres
	@tests/with-postgres --keep data-postgres bash -c 'echo "export DATABASE_URL=$$DATABASE_URL"; exec tail -f /dev/null'

audit: ## Check the stored data against the invariants
	$(CARGO) run --release --locked -p stagedoor -- audit $(ARGS)

clean: ## Remove build results (data/, data-demo/ and data-postgres/ stay)
	$(CARGO) clean
