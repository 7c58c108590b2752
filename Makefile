# SPDX-License-Identifier: GPL-2.0-only
# make help lists the targets; README.md says what this is.

top := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
BINDER_CACHE ?= /var/cache/binder-linux
export BINDER_CACHE

# The kernel to build for: the running one if its headers are here, else the
# stock kernel that tools/setup fetches.
KVER ?= $(shell uname -r)
KDIR ?= $(patsubst %/Makefile,%,$(firstword \
	$(wildcard /lib/modules/$(KVER)/build/Makefile) $(BINDER_CACHE)/kernel/6.12/build/Makefile))

# BINDER_NAME=binder_t builds a module of that name with other device,
# slab and shrinker names, to be loaded beside another binder.
BINDER_NAME ?=
BINDER_MODULE := $(or $(BINDER_NAME),binder_linux)
BINDER_WITH_TEST_HOOKS ?=
BINDER_WITH_WERROR ?=
# For kernels of tools/setup/debug-kernel: counts what is run, runs unit tests when loaded.
BINDER_WITH_GCOV ?=
BINDER_WITH_KUNIT ?=
# For checks of each file alone; Kbuild says how it is compiled otherwise.
BINDER_EACH_FILE ?=
BINDER_CPPFLAGS ?=
# Builds with other options go to a directory of their own.
VARIANT ?= $(if $(BINDER_WITH_TEST_HOOKS),hooks)
OUT := $(top)/build/$(BINDER_MODULE)$(addprefix -,$(VARIANT))
ko := $(OUT)/$(BINDER_MODULE).ko
W ?= 1

jobs := $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
yes = $(if $(filter-out 0 n no,$(1)),y)
# Two stages of the test may want the same build at a time.
lock = flock $(OUT)/lock
# BTF of a module is of no use to it and needs the kernel's own.
kbuild = $(lock) $(MAKE) $(jobs) --no-print-directory -C $(KDIR) M=$(OUT) W=$(W) $(1) \
	BINDER_MODULE=$(BINDER_MODULE) BINDER_NAME=$(BINDER_NAME) \
	BINDER_WITH_TEST_HOOKS=$(call yes,$(BINDER_WITH_TEST_HOOKS)) \
	BINDER_WITH_WERROR=$(call yes,$(BINDER_WITH_WERROR)) \
	BINDER_WITH_GCOV=$(call yes,$(BINDER_WITH_GCOV)) \
	BINDER_WITH_KUNIT=$(call yes,$(BINDER_WITH_KUNIT)) \
	BINDER_EACH_FILE=$(call yes,$(BINDER_EACH_FILE)) \
	'BINDER_CPPFLAGS=$(BINDER_CPPFLAGS)' CONFIG_DEBUG_INFO_BTF_MODULES=

.PHONY: all
all: $(OUT)/config.h
	@$(call kbuild,modules)

.PHONY: help
help:
	@echo 'Build for the kernel in KDIR=$(KDIR)'
	@echo '  all             $(patsubst $(top)/%,%,$(ko))'
	@echo '                  BINDER_NAME=binder_t: a second-name module, loads beside another binder'
	@echo '                  BINDER_WITH_TEST_HOOKS=1: delay points for tests, in a directory of its own'
	@echo '  tools           service manager and clients'
	@echo '  compat-report   which interfaces of newer kernels the one in KDIR has'
	@echo '  clean           remove all that was built'
	@echo 'See it work, in a virtual machine (root once, to install packages)'
	@echo '  setup           install and fetch what is missing; run and test do it too'
	@echo '  run             real clients talk through our driver on a stock kernel'
	@echo '  test            all tests; T="check rig" for some of tools/test/stages'
	@echo '  test-matrix     the same on the kernels of other Debian releases; T="sid trixie" for some'
	@echo '  test-arm64      builds for arm64 and runs the core suites there, emulated'
	@echo '  test-debug      all suites, loading and failing allocations, on kernels that look for defects;'
	@echo '                  builds those first, once: 10 minutes each on two cores'
	@echo '  test-endurance  kills, numbers, short memory, cycles of loading, races: 35 minutes; T=kills for some'
	@echo '  test-full       all of these and those below, one after the other: hours; FULL="mutants fuzz" for some'
	@echo '  coverage        which lines of the module those tests run; COVERAGE="core faults" for some of them'
	@echo '  test-rig        tests of the virtual machine itself'
	@echo '  check           style, floors and static checks, under a minute'
	@echo '  models          prove the models of the protocols; MODELS="node slot.PIN", --long for larger bounds'
	@echo '  mutants         old bugs are put back, one by one: tests have to see them; MUTANTS="name..."'
	@echo '  fuzz            random programs on the stock kernel, 10 minutes; FUZZ="--seconds 60 --seed 1"'
	@echo '  fuzz-differential  the same random sessions on the in-tree driver and ours'
	@echo '  bench           instruction counts, ours and the in-tree driver, other mechanisms; BENCH="--kernel sid"'
	@echo '  bench-check     fail if a figure is 3 % worse than the one kept; UPDATE=1 keeps what is found'
	@echo '  report          Documentation/copy-once.md and its figures from data; MEASURE=1 measures first, 20 minutes'
	@echo '  contention      locks that calls take and wait for, ours and the in-tree driver, on a kernel that'
	@echo '                  counts them; CONTENTION="--turns 3"'
	@echo '  layouts         structures of the module, their sizes and holes'
	@echo '  profile         which functions they are in; PROFILE="--lines 40 oneway.64.1"'
	@echo 'Use it on this machine (root)'
	@echo '  install         put the module where depmod prefers it; DESTDIR=, INSTALL_MOD_PATH='
	@echo '  uninstall       take it away again'
	@echo '  load, unload    DEVICES=binder,hwbinder,vndbinder'

# Kbuild builds where it finds its Kbuild file: give each build a directory
# with links to the sources, so that no two builds share an object file.
.PHONY: $(OUT)/config.h
$(OUT)/config.h: | $(KDIR)
	@mkdir -p $(OUT)
	@$(lock) find $(OUT) -xtype l -delete
	@$(lock) ln -sf $(top)/Kbuild $(filter-out %/binder_unit.c,$(wildcard $(top)/binder_*.[ch])) $(OUT)/
	@$(lock) ln -sfn $(top)/include $(OUT)/include
	@$(lock) ln -sfn $(top)/compat $(OUT)/compat
	@$(lock) ln -sfn $(top)/selftests/kunit $(OUT)/kunit
	@$(lock) $(top)/compat/configure $(KDIR) $(OUT)

$(BINDER_CACHE)/kernel/6.12/build:
	$(top)/tools/setup/kernel 6.12

.PHONY: setup
setup:
	@$(top)/tools/setup/all

.PHONY: compat-report
compat-report: | $(KDIR)
	@$(top)/compat/configure --report $(KDIR)

.PHONY: sparse
sparse: $(OUT)/config.h
	@$(call kbuild,modules) C=2 CF='$(SPARSE_FLAGS)'

.PHONY: check test mutants run fuzz fuzz-differential bench bench-check contention report layouts profile tools
check:
	@$(top)/tools/check/all

test: setup
	@$(top)/tools/test/run $(T)

mutants: setup
	@$(top)/tools/test/mutants $(MUTANTS)

run: setup
	@$(MAKE) --no-print-directory all KDIR=$(BINDER_CACHE)/kernel/6.12/build
	@$(top)/tools/story/run

FUZZ ?=
fuzz: setup
	@$(top)/tools/fuzz/run chaos --seconds 600 $(FUZZ)

fuzz-differential: setup
	@$(top)/tools/fuzz/run differential $(or $(FUZZ),--seed 11 --seed 12 --seed 13 --seed 14)

bench: setup
	@$(top)/tools/setup/packages --bench
	@$(top)/tools/bench/run $(BENCH)

bench-check: setup
	@$(top)/tools/bench/check $(if $(UPDATE),--update)

contention: setup
	@$(top)/tools/bench/contention $(CONTENTION)

report: $(if $(MEASURE),setup)
	@$(top)/tools/setup/packages --bench
	@$(top)/tools/report/make $(if $(MEASURE),--measure)

layouts: all
	@$(top)/tools/check/layouts --table $(ko)

profile: setup
	@$(top)/tools/bench/profile $(PROFILE)

tools:
	@$(MAKE) --no-print-directory -C $(top)/tools/lib
	@set -e; for dir in servicemanager clients; do \
		[ ! -e $(top)/tools/$$dir/Makefile ] || \
			$(MAKE) --no-print-directory -C $(top)/tools/$$dir; done

.PHONY: models
models:
	@$(top)/models/check $(MODELS)

.PHONY: test-matrix test-arm64
test-matrix: setup
	@$(top)/tools/test/run --matrix $(T)

test-arm64: setup
	@$(top)/tools/test/run --matrix arm64

.PHONY: test-debug
test-debug: setup
	@STAGES=debug-stages $(top)/tools/test/run $(T)

.PHONY: test-endurance
test-endurance: setup
	@STAGES=endurance-stages $(top)/tools/test/run $(T)

.PHONY: test-full
test-full:
	@$(top)/tools/test/full $(FULL)

COVERAGE ?=
.PHONY: coverage
coverage: setup
	@$(top)/tools/test/coverage $(COVERAGE)

.PHONY: test-rig
test-rig: setup
	@$(top)/tools/test/run rig

.PHONY: install uninstall load unload
install: all
	@$(top)/tools/install/install $(ko) $(KDIR)

uninstall: | $(KDIR)
	@$(top)/tools/install/uninstall $(BINDER_MODULE) $(KDIR)

DEVICES ?= binder,hwbinder,vndbinder
load: all
	insmod $(ko) devices=$(DEVICES)

unload:
	rmmod $(BINDER_MODULE)

.PHONY: clean
clean:
	rm -rf $(top)/build
