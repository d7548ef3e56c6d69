# make demo   runs the main job from nothing
# make test   builds and passes the tests

.PHONY: setup build demo test lint format fixtures install clean

PREFIX ?= /usr/local
# An optimised build throughout: debug builds of the kernels are a hundred times slower.
SWIFT_BUILD = swift build -c release
VIGNETTE = .build/release/vignette

setup:
	@Scripts/setup.sh

build: setup
	$(SWIFT_BUILD) --product vignette

demo: build
	@Scripts/demo.sh $(VIGNETTE)

test: setup
	swift test -c release

# Formatting and style.
lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Fixtures Examples

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks Fixtures Examples

# Makes the tests' reference data anew; takes a Python environment with Fixtures/requirements.txt.
fixtures:
	python3 Fixtures/make_fixtures.py

install: build
	install -d $(PREFIX)/bin
	install $(VIGNETTE) $(PREFIX)/bin/vignette

clean:
	rm -rf .build demo
