# The commands that people and CI use. Everything is installed into .venv from uv.lock; nothing needs root but `servers`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := api cli core dashboards geo ingest land messaging simulators storage
SERVER_PACKAGES := mosquitto mosquitto-clients influxdb postgresql postgresql-postgis postgis gdal-bin docker-compose chromium openssl

.PHONY: help setup demo test soak lint types layers check servers score bench bench-coverage bench-draws bench-ingest bench-endurance \
  bench-land bench-simulate bench-load bench-route bench-live bench-live-stream bench-archive \
  bench-api bench-export bench-dashboards
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.ready ## install everything into .venv (once; again when uv.lock changes)

$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "canhdong needs Python 3.11 or newer; found $$($(PYTHON) --version). Name another one: make setup PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "python3 cannot make a virtual environment. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 2; }
	@echo "setting up .venv (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --active --inexact --all-extras --quiet --compile-bytecode
	@$(BIN)/python -m compileall -q -j 0 $(PACKAGES)
	@$(BIN)/python -m geo.engines.warm
	@touch $@

demo: setup ## show everything on this machine: http://localhost:8000, Ctrl-C stops it
	$(BIN)/canhdong demo

test: setup ## run every test
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports --no-cache

check: lint types layers test ## what CI runs: ruff, mypy strict, import-linter, tests

bench: bench-coverage bench-draws bench-ingest bench-land bench-simulate bench-load bench-route bench-live bench-live-stream bench-archive bench-api bench-export bench-dashboards ## every benchmark; each prints its ratios as one JSON line at the end

bench-coverage: setup ## sprayed area against GeoPandas, with RTK and with a single receiver
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --active --inexact --all-extras --group bench --quiet || \
	  echo "geopandas could not be installed: its part is left out" >&2
	$(BIN)/python -m bench.coverage

bench-draws: setup ## what is expected in truth: forty draws for a day of 86 drones, on one core
	$(BIN)/python -m bench.draws

bench-ingest: setup ## taking telemetry in, against the pipeline that one would write in an evening (needs make servers)
	$(BIN)/python -m bench.ingest

bench-land: setup ## 100,000 plots: import and queries on SQLite and PostGIS (PostGIS needs make servers), against geopandas
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --active --inexact --all-extras --group bench --quiet || \
	  echo "geopandas could not be installed: its part is left out" >&2
	$(BIN)/python -m bench.land

bench-dashboards: setup ## queries of every board over thirty days of a tenth of 86 drones (needs make servers)
	$(BIN)/python -m bench.dashboards

bench-simulate: setup ## 86 drones' working day, simulated on one core, against a loop over fixes
	$(BIN)/python -m bench.simulate

bench-load: setup ## many drones against one ingester (needs make servers)
	$(BIN)/python -m bench.load

bench-live: setup ## coverage of 86 drones in the air: what a second costs, and how far it is from batch
	$(BIN)/python -m bench.live

bench-live-stream: setup ## a thousand listeners of the live stream on one process of the API
	$(BIN)/python -m bench.live_stream

bench-route: setup ## planning routes over a thousand plots
	$(BIN)/python -m bench.route

bench-archive: setup ## a province's day from the archive to figures, one drone's from the archive and InfluxDB (needs make servers)
	$(BIN)/python -m bench.archive

bench-export: setup ## a million fixes in every format of export, and what memory that takes
	$(BIN)/python -m bench.export

bench-api: setup ## the API at 200 requests a second, against a plain FastAPI + GeoAlchemy route and tipg (PostGIS needs make servers)
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --active --inexact --all-extras --group bench --quiet || \
	  echo "geoalchemy2 could not be installed" >&2
	$(BIN)/python -m bench.api

score: setup ## errors of computed areas against the simulator's truth, and how often the 95 % intervals hold it
	$(BIN)/python -m bench.score --write
	$(BIN)/python -m bench.tolerance --write

bench-endurance: setup ## how soon a fix can be queried, and whether memory stays flat (needs make servers)
	$(BIN)/python -m bench.endurance

soak: setup ## the chaos suite at ten times its size, 200,000 mutated payloads, ten minutes at full rate (an hour)
	CANHDONG_SOAK=10 $(BIN)/python -m pytest tests/e2e/chaos tests/ingest/test_foreign_fuzz.py --timeout 3600 -q
	$(BIN)/python -m bench.endurance --seconds 600

servers: ## install what some tests need beside Python (root, Debian or Ubuntu)
	@command -v apt-get >/dev/null || { echo "make servers knows Debian and Ubuntu only (no apt-get here)" >&2; exit 2; }
	@test "$$(id -u)" = 0 || { echo "make servers installs packages: run it as root (sudo make servers)" >&2; exit 2; }
	@missing=""; for package in $(SERVER_PACKAGES); do \
	  dpkg-query -W -f='$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; fi
