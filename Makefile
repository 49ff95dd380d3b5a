.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

build: ## build bin/venn
	go build -o bin/venn ./cmd/venn

demo: build ## run the quickstart on drawn faces; ends with a table and a report
	./bin/venn run quickstart

test: ## run the tests
	go test ./...

statistics: ## simulate that tests hold their level, power grows and intervals cover (a few minutes)
	VENN_STATISTICS=1 go test -v -count=1 -timeout 20m -run 'Level|Power|Coverage' ./metrics

damage: ## flip 200 bits in runs and kill 200 runs at random (ten minutes)
	VENN_FLIPS=200 VENN_KILLS=200 go test -v -count=1 -timeout 30m -run 'FlippedBits|KilledAnywhere' ./cmd/venn

cluster: ## a real Slurm on loopback to its time limits; 1,000 jobs under 20 kills (ten minutes)
	VENN_SLURM=1 go test -v -count=1 -timeout 20m -run Slurm ./cmd/venn
	VENN_JOBS=1000 VENN_KILLS=20 go test -v -count=1 -timeout 20m -run KillsLoseNothing ./experiments/launch

# The rooms into which faults are seeded, and how: make mutants ROOMS=./reports/tables SAMPLE=200 SEED=3
ROOMS ?= ./experiments/... ./reports/... ./adapt/... ./internal/subspace ./internal/importance ./internal/momentum ./models/... ./metrics/... ./domains/...
SAMPLE ?= 0
SEED ?= 0
LEAST ?= 0
TESTS ?= ./...

mutants: ## seed single faults and print which no test notices (all of them: many hours; SAMPLE=50 of each package: less)
	go run ./internal/mutants -sample $(SAMPLE) -seed $(SEED) -least $(LEAST) -tests $(TESTS) $(ROOMS)

race: ## run the tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -short ./...

bench: ## run the Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...

lint: ## gofmt, vet (also of the kernels on another processor), staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'not gofmt-ed:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	GOARCH=arm64 go vet ./internal/kernels
	go vet -tags purego ./internal/kernels
	go tool staticcheck ./...

fuzz: ## fuzz every parser of outside bytes for ten seconds each
	@for p in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    go test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$p || exit 1; done; done

clean: ## remove what make built
	rm -rf bin

.PHONY: help build demo test mutants statistics damage cluster race bench lint fuzz clean
