# SPDX-License-Identifier: ISC
# A short front for Meson and ninja. `make demo` and `make test` do everything
# on a fresh Debian machine.
BUILD  ?= build
PYTHON ?= /usr/bin/python3
DESTDIR ?=

.PHONY: help deps build demo test bench fuzz lint install clean

help:
	@echo 'make deps     install what building and testing need (apt, root)'
	@echo 'make build    build into $(BUILD)/'
	@echo 'make demo     three anycast nodes and a small Internet, in a minute'
	@echo 'make test     build and run every test'
	@echo 'make bench    measure side by side with BIRD and others'
	@echo 'make fuzz     fuzz every decoder for SECONDS (60) each'
	@echo 'make lint     include rules, format, sizes, RFC clauses, warnings'
	@echo 'make install  install (DESTDIR and PREFIX are honoured)'
	@echo 'make clean    remove the build folders'

deps:
	tools/deps

$(BUILD)/build.ninja:
	@tools/deps --check build || tools/deps
	meson setup $(BUILD) $(if $(PREFIX),--prefix $(PREFIX)) $(MESON_OPTIONS)

build: $(BUILD)/build.ninja
	ninja -C $(BUILD)

demo: build
	@tools/deps --check demo || tools/deps
	$(PYTHON) demo/demo.py --build-dir $(BUILD)

test: build
	@tools/deps --check test || tools/deps
	$(PYTHON) tests/run.py --build-dir $(BUILD)

bench: build
	@tools/deps --check test || tools/deps
	$(PYTHON) bench/run.py --build-dir $(BUILD)

fuzz:
	@tools/deps --check fuzz || tools/deps
	tools/fuzz $(or $(SECONDS),60) $(TARGETS)

lint: build
	tools/lint $(BUILD)

# Also where an earlier `make build` knew of no PREFIX.
install: $(BUILD)/build.ninja
	$(if $(PREFIX),meson configure $(BUILD) --prefix $(PREFIX))
	ninja -C $(BUILD)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)

clean:
	rm -rf build build-*
