# The commands of a working day. Each installs what it needs first (nothing, when it is there) and says little unless something is wrong.
SHELL := /bin/bash
.DEFAULT_GOAL := build
JOBS ?= $(shell nproc)
CTEST := ctest --output-on-failure --no-tests=error --progress -j $(JOBS)
# Every C++ file of ours that git knows or would add.
SOURCES = git ls-files --cached --others --exclude-standard -- '*.cc' '*.h'
SUPPRESSIONS := $(CURDIR)/cmake/sanitizers
# The sanitizers' dlopen does not know the executable's search path, and they see no memory that Arrow's own allocator gives out.
SANITIZED := LD_LIBRARY_PATH=$(CURDIR)/.deps/duckdb/lib ARROW_DEFAULT_MEMORY_POOL=system
ASAN_ENV := ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1 \
  LSAN_OPTIONS=suppressions=$(SUPPRESSIONS)/lsan.supp:print_suppressions=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# Threads are joined before the end: the second that every process would wait for them is too long for a thousand processes.
TSAN_ENV := TSAN_OPTIONS=atexit_sleep_ms=20:suppressions=$(SUPPRESSIONS)/tsan.supp:ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1

.PHONY: build demo test asan tsan tidy format format-check bench bench-silver bench-json bench-known bench-s3 help

build: ## the release binary: build/release/firn
	@scripts/setup.sh build
	@scripts/build.sh release

demo: build ## the chargeback example from end to end
	@examples/chargebacks/demo.sh $(DEMO)

test: build ## every test, on the release build
	@scripts/setup.sh servers
	@$(CTEST) --test-dir build/release

asan: ## every test under the address and undefined-behaviour sanitizers
	@scripts/setup.sh build servers
	@scripts/build.sh asan
	@$(SANITIZED) $(ASAN_ENV) $(CTEST) --test-dir build/asan

tsan: ## every test under the thread sanitizer (-R: it cannot live with all of Linux's address randomisation)
	@scripts/setup.sh build servers
	@scripts/build.sh tsan
	@$(SANITIZED) $(TSAN_ENV) setarch -R $(CTEST) --test-dir build/tsan

tidy: ## clang-tidy over src/ and examples/
	@scripts/setup.sh build lint
	@scripts/tidy.sh

format: ## rewrites the C++ files
	@scripts/setup.sh lint
	@$(SOURCES) | xargs clang-format-19 -i

format-check: ## fails when `make format` would change something
	@scripts/setup.sh lint
	@$(SOURCES) | xargs clang-format-19 --dry-run -Werror

bench: build ## firn beside DuckDB and Polars, on the same files
	@scripts/setup.sh peers
	@.deps/peers/bin/python -B bench/consolidate/run.py $(BENCH)

bench-silver: build ## a merge into daily partitions, firn beside DuckDB
	@scripts/setup.sh peers
	@.deps/peers/bin/python -B bench/silver/run.py $(BENCH)

bench-json: build ## JSON and CSV into Parquet, firn beside DuckDB and Polars
	@scripts/setup.sh peers
	@.deps/peers/bin/python -B bench/json/run.py $(BENCH)

bench-known: build ## ten new files among a million known ones, beside find
	@scripts/setup.sh peers
	@.deps/peers/bin/python -B bench/known/run.py $(BENCH)

bench-s3: build ## small objects in a bucket, firn beside bare GETs
	@scripts/setup.sh peers servers
	@.deps/peers/bin/python -B bench/s3/run.py $(BENCH)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
