# make demo      runs the main job from nothing
# make test      builds and passes the tests
# make install   puts the program below PREFIX, once `make build` has made it
# make fuzz SECONDS=60   feeds each reader of files with damaged ones for so long
# make sanitize  runs the tests under the address, thread and undefined behaviour sanitizers

.PHONY: setup build demo test fuzz sanitize lint format fixtures docs install uninstall deb clean

PREFIX ?= /usr/local
# An optimised build throughout: debug builds of the kernels are a hundred times slower.
# On Linux the program brings Swift's libraries along, so that it runs where no toolchain is.
SWIFT_BUILD = swift build -c release $(if $(filter Linux,$(shell uname)),--static-swift-stdlib)
VIGNETTE = .build/release/vignette

setup:
	@Scripts/setup.sh

build: setup
	$(SWIFT_BUILD) --product vignette
	@$(SWIFT_BUILD) --product generate-manual >/dev/null
	@Scripts/accessories.sh .build/release .build/accessories

demo: build
	@Scripts/demo.sh $(VIGNETTE)

test: setup
	swift test -c release

# Damaged files, made from the fixtures; what ends the program is kept in Fuzzing/Crashes. TARGETS are all if not given.
SECONDS ?= 60
fuzz: setup
	swift build -c release --product VignetteFuzz
	swift build -c release --product vignette
	.build/release/VignetteFuzz $(TARGETS) --seconds $(SECONDS) --jobs $(shell getconf _NPROCESSORS_ONLN)

# SANITIZERS are all three if not given; each builds everything anew, in a folder of its own.
sanitize: setup
	@Scripts/sanitize.sh $(SANITIZERS)

# Formatting and style.
lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Fixtures Examples Fuzzing

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks Fixtures Examples Fuzzing

# Makes the tests' reference data anew; takes a Python environment with Fixtures/requirements.txt.
fixtures:
	python3 Fixtures/make_fixtures.py

# The documentation of the two libraries, as DocC archives in .build/documentation.
docs: setup
	@Scripts/docs.sh .build/documentation

# The program, its completions for bash, zsh and fish, and its manual page. Builds nothing.
install:
	@Scripts/install.sh install "$(DESTDIR)$(PREFIX)"

uninstall:
	@Scripts/install.sh uninstall "$(DESTDIR)$(PREFIX)"

# A Debian package of the same files, its dependencies named: .build/vignette_VERSION_ARCHITECTURE.deb
deb: build
	@Scripts/deb.sh .build

clean:
	rm -rf .build demo
