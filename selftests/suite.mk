# SPDX-License-Identifier: GPL-2.0-only
# Builds one suite of tests, alone or inside a kernel tree.
#
# A suite's Makefile says
#	TEST_GEN_PROGS := calls errors		# programs, from a .c file of that name each
#	TEST_GEN_PROGS_EXTENDED := special	# programs that are built and not run, if any
#	TEST_PROGS := reload.sh			# scripts, if any
#	TEST_FILES := tables			# files and directories they read, if any
#	LOCAL_SRCS := peer.c			# linked into every program, if any
#	SHARED_SRCS := protocol/peer.c		# the same, from another suite
#	include ../suite.mk
# and has beside it "config" (kernel options needed) and, if the 45 s after
# which a program counts as hung do not fit, "settings" with timeout=SECONDS.

suite_dir := $(abspath $(dir $(firstword $(MAKEFILE_LIST))))
suites := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
suite := $(notdir $(suite_dir))

# In a kernel tree (tools/testing/selftests/binder/<suite>) the raw library and
# the interface headers are copied beside the suites.
raw := $(firstword $(wildcard $(suites)/../tools/lib $(suites)/lib))
uapi := $(firstword $(wildcard $(suites)/../include/uapi $(suites)/include/uapi))
raw_srcs := $(wildcard $(raw)/*.c)
raw_hdrs := $(wildcard $(raw)/*.h) $(wildcard $(uapi)/linux/android/*.h)
local_srcs := $(addprefix $(suite_dir)/,$(LOCAL_SRCS))
shared_srcs := $(addprefix $(suites)/,$(SHARED_SRCS))
local_hdrs := $(wildcard $(suite_dir)/*.h)

CFLAGS += -std=gnu11 -O2 -g -Wall -Wextra -I$(uapi) -I$(raw)
CFLAGS += $(addprefix -I,$(sort $(dir $(shared_srcs))))
LDLIBS += -pthread

ifneq ($(wildcard $(suites)/../lib.mk),)

CFLAGS += -I$(suites)/..
LDLIBS += $(local_srcs) $(shared_srcs) $(raw_srcs)
include $(suites)/../lib.mk

else

BINDER_CACHE ?= /var/cache/binder-linux
top := $(abspath $(suites)/..)
out := $(top)/build/selftests$(addprefix -,$(BITS)$(CROSS_COMPILE:-=))/$(suite)
harness := $(BINDER_CACHE)/kernel-files/current/tools/testing/selftests
programs := $(addprefix $(out)/,$(TEST_GEN_PROGS) $(TEST_GEN_PROGS_EXTENDED))
objects := $(patsubst $(suite_dir)/%.c,$(out)/%.o,$(local_srcs)) \
	$(patsubst $(suites)/%.c,$(out)/shared/%.o,$(shared_srcs)) \
	$(patsubst $(raw)/%.c,$(out)/raw/%.o,$(raw_srcs))

# The harness itself is not free of what -Wextra warns of.
CFLAGS += -Werror -isystem $(harness) -MMD -MP
# The virtual machine has no C library.
LDFLAGS += -static

# CROSS_COMPILE=aarch64-linux-gnu- builds for another processor, in a directory of its own.
ifneq ($(CROSS_COMPILE),)
CC := $(CROSS_COMPILE)gcc
endif

# BITS=32: programs of 32 bits for a kernel of 64, in a directory of their own.
# They use the same headers of the kernel.
ifeq ($(BITS),32)
CFLAGS += -m32 -idirafter /usr/include/$(shell $(CC) -print-multiarch)
LDFLAGS += -m32
endif

.PHONY: all clean
all: $(programs) $(out)/list
	@for file in $(TEST_PROGS) $(TEST_FILES) settings config; do \
		[ ! -e $(suite_dir)/$$file ] || cp -rfT $(suite_dir)/$$file $(out)/$$file; done

# What the runner runs, in this order; rewritten when it changes.
.PHONY: force
$(out)/list: force | $(out)
	@echo '$(TEST_GEN_PROGS) $(TEST_PROGS)' | tr -s ' ' '\n' | cmp -s - $@ || \
		echo '$(TEST_GEN_PROGS) $(TEST_PROGS)' | tr -s ' ' '\n' >$@

$(programs): $(out)/%: $(out)/%.o $(objects)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(out)/%.o: $(suite_dir)/%.c | $(out) $(harness)
	$(CC) $(CFLAGS) -c -o $@ $<

$(out)/shared/%.o: $(suites)/%.c | $(out) $(harness)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(out)/raw/%.o: $(raw)/%.c | $(out)/raw
	$(CC) $(CFLAGS) -c -o $@ $<

$(harness):
	$(top)/tools/setup/kernel-files

$(out) $(out)/raw:
	mkdir -p $@

clean:
	rm -rf $(out)

-include $(wildcard $(out)/*.d $(out)/shared/*/*.d $(out)/raw/*.d)

endif
