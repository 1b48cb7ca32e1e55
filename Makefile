# From a fresh clone, with Go 1.26 and Node 20:
#
#   make run          the program with its demo, on 127.0.0.1:8080
#   make test         everything; the last line is the tally
#   make check        format, generated files, linters
#
# What each does in full is in the README and in docs/.

# Versions of the tools, which the program itself does not need.
TEMPL       = github.com/a-h/templ/cmd/templ@v0.3.977
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
GOLANGCI    = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# The program is one static file; no C is needed.
export CGO_ENABLED = 0

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := build
.PHONY: run build deps gen test check lint bench screenshots clean

run: build
	bin/digiwork serve --demo --listen 127.0.0.1:8080

build: deps
	go build -trimpath -ldflags "-s -w -X digiwork/internal/app.version=$(VERSION)" -o bin/digiwork ./cmd/digiwork

# npm ci runs when the list of packages changed; copying is quick and always done.
deps: node_modules/.done
	@node scripts/deps.mjs

node_modules/.done: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Code made from other files: templates, and what go generate makes.
gen:
	@scripts/gen $(TEMPL)
	go generate ./...

# TEST narrows it down: make test TEST=./internal/platform/web/...
TEST ?= ./...
test: deps
	@scripts/system-packages
	go vet $(TEST)
	@scripts/with-postgres go run ./internal/testkit/gotest -p 2 -parallel 4 -timeout 25m -count=1 $(TEST)

check: deps
	@scripts/check "$(TEMPL)" "$(STATICCHECK)" "$(GOVULNCHECK)"

# The wider set of .golangci.yml; it takes minutes to build the first time.
lint:
	go run $(GOLANGCI) run ./...

# BENCH=short is a smoke test of the same.
bench: deps
	go run ./bench $(if $(filter short,$(BENCH)),-short)

# Pictures of the main pages, for the README, in both languages.
screenshots: deps
	@scripts/system-packages
	TEST_SCREENSHOTS=$(CURDIR)/docs/screens go test -count=1 -timeout 15m -run Screenshot ./internal/browsertest

clean:
	rm -rf bin node_modules
