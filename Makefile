# Two commands: `make demo` hears a real call, `make test` runs every test.
# Both install what is missing (Debian, as root or with sudo) and work from a clean clone.

CALL ?= unemployment-benefit

.PHONY: help demo test build setup models clean

help:
	@echo "make demo [CALL=$(CALL)]  a real SIP call through a real Asterisk, heard live"
	@echo "make demo DESK=1              the same, and the web page stays up, with a made-up morning of 300 calls"
	@echo "make test                 format, lints, docs and every test"
	@echo "make build                the release binaries, target/release/sidetone and sidetone-desk"
	@echo "make setup                what a build needs: packages and native libraries"
	@echo "make models               the default models"

setup:
	@deploy/setup.sh build

build: setup
	cargo build --release --locked --package sidetone-app --package sidetone-desk

models: build
	target/release/sidetone models fetch

demo: setup
	@deploy/setup.sh switch
	cargo build --profile demo --locked --package sidetone-app --package sidetone-desk
	target/demo/sidetone models fetch
	@$(if $(DESK),deploy/setup.sh screen)
	@DESK=$(DESK) deploy/demo.sh $(CALL)

test: setup
	@deploy/setup.sh switch
	@deploy/setup.sh desk
	@deploy/setup.sh engine
	cargo xtask ci

clean:
	cargo clean
