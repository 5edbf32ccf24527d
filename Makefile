# make help says what there is. Everything is installed into .venv from lock files with hashes.

PYTHON ?= python3
VENV := .venv
UNFINISHED := $(VENV)/unfinished
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check --no-input --no-compile --require-hashes
LOCK := $(RUN) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
# What a developer's shell may hold must not reach the checks, nor must the checks reach anybody's data.
CLEAN := env -u DATABASE_URL -u REDIS_URL -u EMAIL_URL -u PORTAL_TODAY -u DEMO DATA_DIR=$(VENV)/lint-data
DEPLOYED := DEBUG=0 HTTPS=1 ALLOWED_HOSTS=portal.gov.cn SITE_URL=https://portal.gov.cn \
	EMAIL_URL=smtp://mail.gov.cn:25 MAIL_FROM=portal@gov.cn \
	SECRET_KEY=$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))')

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard config/locale/*/LC_MESSAGES/django.po))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup dev run test browser pictures screenshots fuzz faults races tampering bench house lint lock messages

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/runtime $(CATALOGUES) ## .venv with what the portal needs, and its message catalogues
	@:

dev: $(VENV)/dev $(CATALOGUES)

run: setup ## the portal with worker and scheduler: PORT=8000 HOST=127.0.0.1 DEMO=1 WORKERS=2
	@export DEMO="$${DEMO-1}"; exec $(RUN) -m config.serve

test: dev ## every test, on SQLite and on PostgreSQL with Redis: ARGS="-k name", SERVICES=0 does without the servers
	@$(RUN) -m tests.run --services "$(or $(SERVICES),1)" $(ARGS)

browser: dev ## the tests in a browser with every page, person, language and screen, a dose of which is in make test
	@TEST_TURN=all REQUIRE_BROWSER=1 $(RUN) -m tests.run --services 0 tests/browser $(ARGS)

pictures: dev ## the pictures of docs/first-hour.md anew, taken by the test that walks that way
	@PICTURES=1 TEST_TURN=all REQUIRE_BROWSER=1 $(RUN) -m tests.run --services 0 tests/browser/test_newcomer.py \
		-k desktop $(ARGS)

screenshots: dev ## every page at 390, 1366 and 1920 px, of everybody, in both languages: DIR=folder ARGS="-k supervisor"
	@SCREENSHOTS=$(or $(DIR),screenshots) REQUIRE_BROWSER=1 $(RUN) -m tests.run --services 0 \
		tests/browser/test_screenshots.py $(ARGS)

fuzz: dev ## damage documents and see that each gets an answer: N=2000 SEED=1 JOBS=2, ARGS="--replay FILE"
	@$(RUN) -m tests.fuzz --n $(or $(N),2000) --seed $(or $(SEED),1) --jobs $(or $(JOBS),2) $(ARGS)

faults: dev ## kill workers while they import or send, flood the sign-in: PARTS="imports reminders signin" KILLS=50 DATABASE=both
	@$(RUN) -m tests.faults $(PARTS) --kills $(or $(KILLS),50) --database $(or $(DATABASE),both) $(ARGS)

races: dev ## let many writers act on one measure at once: WRITERS=50 ROUNDS=1000 DATABASE=both
	@$(RUN) -m tests.races --writers $(or $(WRITERS),50) --rounds $(or $(ROUNDS),1000) --database $(or $(DATABASE),both) $(ARGS)

tampering: dev ## alter the change log and see that it is found every time: TIMES=1000 SEED=1 DATABASE=both
	@$(RUN) -m tests.tampering --times $(or $(TIMES),1000) --seed $(or $(SEED),1) --database $(or $(DATABASE),both) $(ARGS)

bench: $(VENV)/bench dev ## what reading, applying, pages, a sweep cost, and what others take: PARTS="pages peers" ROWS=216,100008 DATABASE=sqlite
	@$(RUN) -m tests.bench $(PARTS) $(if $(ROWS),--rows $(ROWS)) --database $(or $(DATABASE),sqlite) $(ARGS)

house: dev ## how the code is built, beside the goals: lines, folders, imports, depth, repeated names: ARGS=--json
	@$(RUN) -m tests.house $(ARGS)

lint: dev ## what must hold before a commit, tests apart
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m djlint templates --quiet --lint
	$(CLEAN) $(RUN) manage.py makemigrations --check --dry-run
	$(CLEAN) $(DEPLOYED) $(RUN) manage.py check --deploy --fail-level WARNING
	$(RUN) -m config.messages check

messages: dev ## bring the English catalogue up to date with code and templates
	$(RUN) -m config.messages extract

lock: dev ## compile the lock files again: ARGS=--upgrade takes newer versions
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) $(ARGS) --output-file=requirements.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) $(ARGS) --extra=dev --constraint=requirements.txt \
		--output-file=requirements-dev.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) $(ARGS) --extra=bench --constraint=requirements-dev.txt \
		--output-file=requirements-bench.txt pyproject.toml

# The stamps are written last. What an interrupted installation leaves may look complete to pip, so it is thrown away.
$(VENV)/runtime: requirements.txt
	@$(make-venv)
	@echo "Installing what the portal needs into $(VENV); once, a minute or so."
	@$(PIP) -r requirements.txt && rm $(UNFINISHED) && touch $@

$(VENV)/dev: requirements-dev.txt
	@$(make-venv)
	@echo "Installing what development needs into $(VENV); once, a minute or two."
	@$(PIP) -r requirements-dev.txt && rm $(UNFINISHED) && touch $@ $(VENV)/runtime

$(VENV)/bench: requirements-bench.txt $(VENV)/dev
	@$(make-venv)
	@echo "Installing what the portal is measured beside into $(VENV)."
	@$(PIP) -r requirements-bench.txt && rm $(UNFINISHED) && touch $@

$(CATALOGUES): %.mo: %.po
	@$(RUN) -m config.messages compile

# A .venv that no longer runs (its Python was upgraded or removed) is made again whatever its stamps say.
USABLE := [ ! -e $(UNFINISHED) ] && $(RUN) -c 'import pip, django' 2>/dev/null
ifneq ($(shell $(USABLE) && echo yes),yes)
.PHONY: $(VENV)/runtime $(VENV)/dev $(VENV)/bench
endif

define make-venv
command -v $(PYTHON) >/dev/null || { \
	echo "There is no $(PYTHON). Install Python 3.11 or newer (apt install python3 python3-venv, dnf install python3)," \
		"or name one: make PYTHON=/path/to/python3"; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "$(PYTHON) is too old: the portal needs Python 3.11 or newer. Name another: make PYTHON=python3.11"; exit 1; }; \
$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	echo "$(PYTHON) cannot make virtual environments." \
		"Install what is missing (apt install python3-venv, dnf install python3-pip) and try again."; exit 1; }; \
{ $(USABLE); } || $(PYTHON) -m venv --clear $(VENV) && touch $(UNFINISHED)
endef
