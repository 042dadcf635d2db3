# Everything in two commands: `make` for the results, `make test` for the tests. `make help` lists the rest.

CORES ?= all
PYTHON ?= python3.11
# the python of the rules is the environment's
export PATH := $(CURDIR)/.venv/bin:$(PATH)
SNAKEMAKE = snakemake --logger rich --workflow-profile workflow/profiles/default --cores $(CORES)
INSTALLED = .venv/installed
PEERS = .venv/peers
DOCS = .venv/docs
CRATE = .venv/crate/installed
MODELS ?= mace sevenn chgnet

.DEFAULT_GOAL = all
.PHONY: all quick energies audit advice compare peers models zoo bench test lint docs reference crate lock clean help

all: $(INSTALLED) $(PEERS)  ## every figure and table of both papers, and the report
	$(SNAKEMAKE)

quick: $(INSTALLED)  ## the same panels at small settings, in minutes (runs/quick/results)
	$(SNAKEMAKE) --directory runs/quick --configfile config/quick.yaml

energies: $(INSTALLED)  ## recompute the reference energies instead of using the shipped ones
	$(SNAKEMAKE) energies --configfile config/recompute.yaml

# With DATA=file that file alone, without a configuration: DESCRIPTORS="soap ...", CENTER=C and MODEL=my.model
# as you like.
OVERLAY = results/audit/overlay.yaml
CONFIGURED = $(if $(DATA),--configfile $(OVERLAY))
CONFIGURE = @$(if $(DATA),python scripts/configure_audit.py --data "$(DATA)" --descriptors "$(DESCRIPTORS)" \
    --center "$(CENTER)" --model "$(MODEL)" --library "$(LIBRARY)" --output $(OVERLAY),:)

audit: $(INSTALLED)  ## where your descriptors are blind on your data (DATA=file, or section `audit` of config/config.yaml)
	$(CONFIGURE)
	$(SNAKEMAKE) audit $(CONFIGURED)

advice: $(INSTALLED)  ## the cheapest n_max, l_max and sigma for your data (DATA=file, or each data set of the audit)
	$(CONFIGURE)
	$(SNAKEMAKE) advice $(CONFIGURED)
	@$(SNAKEMAKE) pages $(CONFIGURED)

peers: $(PEERS)  ## install the other libraries and audit their descriptors beside ours (fig_peers)
	$(SNAKEMAKE) peers

models: $(addprefix .models/,$(addsuffix /installed,$(MODELS)))  ## set up MODELS="mace sevenn chgnet" (deepmd, metatomic) and see what they see anew (fig_models)
	$(SNAKEMAKE) models --configfile config/models.yaml

zoo: $(PEERS)  ## every descriptor against every counterexample (fig_zoo, results/tables/zoo.md)
	$(SNAKEMAKE) zoo

compare: $(INSTALLED)  ## are the structures A=a.xyz and B=b.xyz one, and what tells them apart (ATOM=0: seen from there; CUTOFF=4, TOLERANCE=1e-6: Å)
	@python -m descriptor_sensitivity.zoo.compare "$(A)" "$(B)" $(if $(ATOM),--center $(ATOM)) \
		$(if $(CUTOFF),--cutoff $(CUTOFF)) $(if $(TOLERANCE),--tolerance $(TOLERANCE))

bench: $(PEERS)  ## time this code and other libraries side by side
	$(SNAKEMAKE) bench

test: $(INSTALLED) $(PEERS) $(DOCS)  ## set up and run every test; ARGS="-k name" selects
	OMP_NUM_THREADS=1 python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(INSTALLED)  ## style, types and workflow checks
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check workflow
	snakemake --lint

docs: $(DOCS) reference  ## the documentation site, build/docs/index.html, its tutorials run anew
	TQDM_DISABLE=1 python -m sphinx -W --keep-going --quiet -j auto -d build/doctrees docs build/docs
	@echo "Look at $(CURDIR)/build/docs/index.html"

reference: $(INSTALLED)  ## write the schema, the captions and the generated pages of docs anew
	python scripts/document_configuration.py
	python scripts/document_figures.py
	python scripts/document_zoo.py
	python scripts/document_census.py

crate: $(DOCS) $(CRATE)  ## pack results, configuration, versions and licences of a run into results/crate.zip, valid
	python scripts/write_crate.py --results results --output results/crate.zip
	.venv/crate/bin/python scripts/validate_crate.py results/crate.zip

# The environment, set up anew whenever the lock changes.
$(INSTALLED): envs/requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not on the PATH: install Python 3.11," \
	    "or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --requirement envs/requirements.txt
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Other libraries of descriptors: additions to the environment that change nothing in it. Without them
# their rows of fig_peers say so, and everything else is the same.
$(PEERS): envs/peers/requirements.txt $(INSTALLED)
	@.venv/bin/python -m pip install --quiet --constraint envs/requirements.txt --requirement $< \
	    || echo "warning: not all libraries of $< could be installed here; their rows will say so" >&2
	@touch $@

# What builds the documentation and packs a run: additions as well.
$(DOCS): envs/docs.txt $(INSTALLED)
	.venv/bin/python -m pip install --quiet --constraint envs/requirements.txt --requirement $<
	@touch $@

# The validator of RO-Crates excludes versions of the lock.
$(CRATE): envs/crate.txt $(INSTALLED)
	$(PYTHON) -m venv .venv/crate
	.venv/crate/bin/python -m pip install --quiet --requirement $<
	@touch $@

# Machine-learned potentials exclude one another: an environment of its own for each.
.models/%/installed: envs/models/%.txt $(INSTALLED)
	$(PYTHON) -m venv .models/$*
	.models/$*/bin/python -m pip install --quiet --requirement $<
	@touch $@

lock: $(INSTALLED)  ## resolve envs/requirements.in (and envs/peers) anew into the pinned requirements.txt
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet --requirement envs/requirements.in
	{ echo "# Every package of the environment, pinned. Made by 'make lock' from requirements.in."; \
	  .venv/lock/bin/python -m pip freeze --all | sed -E -e '/^pip==/d' -e '/^(nvidia|cuda|triton)/d' -e 's/\+cpu$$//'; \
	} > envs/requirements.txt
	.venv/lock/bin/python -m pip install --quiet --constraint envs/requirements.txt --requirement envs/peers/requirements.in
	{ echo "# What the libraries of requirements.in add to ../requirements.txt, pinned. Made by 'make lock'."; \
	  .venv/lock/bin/python -m pip freeze --all | sed -E -e '/^pip==/d' -e '/^(nvidia|cuda|triton)/d' -e 's/\+cpu$$//' \
	    | grep -vxFf envs/requirements.txt; \
	} > envs/peers/requirements.txt
	rm -r .venv/lock

clean:  ## remove everything computed (the environment stays)
	find results -mindepth 1 ! -name README.md -delete
	rm -rf logs .snakemake

help:  ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16
	@echo "Variables: CORES=2 (default: all), MODELS=mace, PYTHON=/path/to/python3.11; of audit and advice DATA=my.xyz,"
	@echo "           DESCRIPTORS=\"soap ...\" (names in the configuration), CENTER=C (element to centre on),"
	@echo "           MODEL=my.model (a potential, layer by layer; LIBRARY=mace where it does not tell)"
