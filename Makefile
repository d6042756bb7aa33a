# make build | release | demo | demo-down | unit | test | bench | lint | vuln | generate

GO      ?= go
LINTER  := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULN    := golang.org/x/vuln/cmd/govulncheck@v1.1.4
ARCHES  ?= amd64 arm64
# No path of this machine is in a binary, and the commit is: who builds the same
# commit with the same Go gets the same bytes.
BUILD    = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags "-s -w"
SOURCES := go.mod go.sum $(shell find *.go command config inventory modules playbooks roles runner -type f \
             -not -path '*/testdata/*' -not -name '*_test.go' 2>/dev/null)
LAB     := $(GO) run ./integration/cmd/lab
SUM     := $(GO) run ./integration/cmd/testsum

.PHONY: build release demo demo-down unit test bench lint linter vuln generate docker

build: bin/pgrun

bin/pgrun: $(SOURCES)
	$(BUILD) -o $@ .

# A controller of another platform looks for pgrun-<os>-<arch> beside itself.
# Beside the binaries: licences, a bill of materials, SHA256SUMS.
release:
	rm -rf dist
	for arch in $(ARCHES); do GOOS=linux GOARCH=$$arch $(BUILD) -o dist/pgrun-linux-$$arch . || exit; done
	$(GO) run ./integration/cmd/release

# Three database hosts and a balancer, from bare systems to a running cluster.
demo: bin/pgrun docker
	$(LAB) up
	bin/pgrun site.yml -i .lab/inventory.yml
	$(LAB) show

demo-down:
	$(LAB) down
	rm -rf .lab

# The quick half: no root, no docker, seconds.
unit:
	$(GO) test ./...

# Everything; in CI a skipped test counts as a failure.
test: bin/pgrun docker
	$(GO) test -json -timeout 90m -tags integration ./... | $(SUM)

bench: bin/pgrun docker
	$(GO) test -run '^$$' -bench Fleet -benchtime 3x ./command
	$(GO) test -timeout 60m -tags bench -count 1 -v -run TestBench ./integration

lint:
	@if command -v golangci-lint >/dev/null; then golangci-lint run; \
	elif [ -x "$$($(GO) env GOPATH)/bin/golangci-lint" ]; then "$$($(GO) env GOPATH)/bin/golangci-lint" run; \
	else $(GO) run $(LINTER) run; fi

# Whether the linter is here or can be fetched, which takes minutes the first time.
linter:
	@command -v golangci-lint >/dev/null || [ -x "$$($(GO) env GOPATH)/bin/golangci-lint" ] || $(GO) run $(LINTER) version

# Known vulnerabilities in what is built in; it asks vuln.go.dev, or what GOVULNDB names.
vuln:
	@$(GO) run $(VULN) ./... || { echo "vuln: something above has to be mended; or, where it says that the database cannot be fetched, nothing was checked: GOVULNDB may name a copy of it"; exit 1; }

generate:
	$(GO) generate ./...

docker:
	@integration/docker.sh
