# make demo   sets up everything and runs the application with demo data
# make test   sets up everything and runs linters and all tests

PYTHON ?= python3
PORT ?= 8000
DATASET ?= shop
RUN = .venv/bin/python
UV = .venv/bin/uv
UV_VERSION = 0.13.9

.PHONY: demo test lint fast bench spark shots requirements clean

demo: .venv/demo-$(DATASET)
	@$(RUN) manage.py demo --port $(PORT) --dataset $(DATASET)

test: .venv/dev
	@$(RUN) -m tests.browser
	@$(RUN) manage.py translations compile > /dev/null
	@$(RUN) manage.py fonts > /dev/null
	@$(MAKE) --no-print-directory lint
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"
	$(RUN) -m pytest -m slow

lint: .venv/dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	DATABASE_URL=postgresql://127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 CROSSMATRIX_DEMO=1 .venv/bin/mypy crossmatrix manage.py
	.venv/bin/lint-imports --no-cache
	.venv/bin/djlint templates --lint --quiet

fast: .venv/dev  # what to run while writing: everything but browsers and fault tests
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow and not journey"

bench: .venv/bench
	$(RUN) -m bench.imports
	$(RUN) -m bench.evidence
	$(RUN) -m bench.evidence_refresh
	$(RUN) -m bench.pages
	$(RUN) -m bench.grid
	$(RUN) -m bench.suggestions
	$(RUN) -m bench.suggestions --noise
	$(RUN) -m bench.weak
	$(RUN) -m bench.trend

spark: .venv/spark  # the same evidence SQL on Spark; needs Java 17 or newer
	$(RUN) -m pytest -m slow -k spark tests/insights/test_engines.py

shots: .venv/dev
	$(RUN) -m docs.shots

requirements: .venv/dev
	requirements/compile.sh

clean:
	rm -rf .venv .local

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit("CrossMatrix needs Python 3.11 or newer; name one with make PYTHON=…") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/demo-shop .venv/demo-none: .venv/bin/uv requirements/demo.txt
	$(UV) pip install --quiet --require-hashes -r requirements/demo.txt
	@touch .venv/demo-shop .venv/demo-none

.venv/demo-journey .venv/bench: .venv/bin/uv requirements/bench.txt
	$(UV) pip install --quiet --require-hashes -r requirements/bench.txt
	@touch .venv/demo-journey .venv/bench

.venv/spark: .venv/bin/uv requirements/spark.txt
	$(UV) pip install --quiet --require-hashes -r requirements/spark.txt
	@touch $@

.venv/dev: .venv/bin/uv requirements/dev.txt
	$(UV) pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
