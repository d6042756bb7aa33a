# make build | release | demo | demo-down | unit | test | bench | lint | generate

GO      ?= go
LINTER  := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
SOURCES := go.mod go.sum $(shell find *.go command config inventory modules playbooks roles runner -type f \
             -not -path '*/testdata/*' -not -name '*_test.go' 2>/dev/null)
LAB     := $(GO) run ./integration/cmd/lab
SUM     := $(GO) run ./integration/cmd/testsum

.PHONY: build release demo demo-down unit test bench lint generate docker

build: bin/pgrun

bin/pgrun: $(SOURCES)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o $@ .

# A controller of another platform looks for pgrun-<os>-<arch> beside itself.
release:
	for arch in amd64 arm64; do \
	  CGO_ENABLED=0 GOOS=linux GOARCH=$$arch $(GO) build -trimpath -ldflags "-s -w" -o dist/pgrun-linux-$$arch . || exit; \
	done

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

generate:
	$(GO) generate ./...

docker:
	@integration/docker.sh
