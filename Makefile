# SPDX-License-Identifier: GPL-2.0
# make          build/agfeoctl, with the BPF programs inside
# make deps     installs what building, testing and the demonstration need (Debian 12, 13)
# make check    unit tests, the programs on the host, and lint, without root
# make fuzz     libFuzzer on every reader of foreign bytes, ten minutes each: tests/fuzz/README.md
# make coverage lines of user/ and bpf/ that the tests run, by file
# make test     everything, as root; make demo: a call through the firewall, shown
# make analyze  clang-tidy, cppcheck, gcc's analyzer and scan-build: tests/analyze/README.md
# make bench    how fast it is, as root: tests/bench/README.md
# make soak     an hour of a box's life, as root (DURATION=SECONDS)
# make install  DESTDIR and PREFIX as usual; make deb: the Debian package, in build/deb
# make test-boot  that package in a virtual machine, from boot to purge: ten minutes and more
# make test-kernels  the programs on Debian's kernels, 5.10 and later: tests/kernels/README.md
# make test-compilers  the programs by every clang that is installed
# make test-debian  all tests in Debian 13, with its compilers and libraries

VERSION = 1.0.0
PREFIX  = /usr
DESTDIR =
BUILD   = build
INCLUDE = include
LIBS    = libbpf inih json-c libpcap ncursesw libcares libevent libseccomp \
	libnetfilter_conntrack

CC      = gcc
CLANG   := $(firstword $(shell command -v clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14))
BPFTOOL := $(firstword $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool))
ARCH    := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/; s/armv.*/arm/; s/ppc64le/powerpc/; s/riscv64/riscv/')

CPPFLAGS_ALL := -D_GNU_SOURCE -DAGFEO_VERSION='"$(VERSION)"' -Iuser -I$(INCLUDE) -I$(BUILD) \
	$(shell pkg-config --cflags $(LIBS) 2>/dev/null) $(CPPFLAGS)
CFLAGS  = -O2 -g
CFLAGS_ALL = -std=gnu11 -Wall -Wextra -Werror $(CFLAGS)
LDLIBS  := -Wl,--as-needed $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lm
BPF_CFLAGS = -target bpf -mcpu=v3 -O2 -g -fno-strict-aliasing -Wall -Werror \
	-D__TARGET_ARCH_$(ARCH) \
	-I$(INCLUDE) -Ivmlinux -Ibpf
# The kernel's own -fno-strict-aliasing: the tests run the datapath's headers on the host.
SANITIZE = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -fno-strict-aliasing

USER_SOURCES := user/main.c $(wildcard user/*/*.c)
# Layers that need neither root nor a kernel: what the unit tests are linked with.
PURE_SOURCES := $(wildcard $(patsubst %,user/%/*.c,base catalogue config policy report voice)) \
	user/command/options.c
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
# Of tests/prog, runner*.c and cases_*.c belong to every program; each other file is one.
PROG_HELPERS := $(wildcard tests/prog/runner*.c tests/prog/cases_*.c)
PROG_SOURCES := $(filter-out $(PROG_HELPERS),$(wildcard tests/prog/*.c))
# What the scripts of tests/e2e run in their namespaces; flood.bpf.c is a part of flood; shim.so is preloaded.
TOOL_SOURCES := $(filter-out %.bpf.c %.so.c,$(wildcard tests/e2e/tools/*.c))

# `make V=1` shows the commands.
ifdef V
say =
else
say = @echo '  $(1)	$(subst $(BUILD)/,,$@)';
endif

USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
# What tests share, linked only where it is used.
TEST_FOLDERS = lib model corpus voice
TEST_LIB     := $(patsubst %.c,$(BUILD)/test/%.o,$(wildcard $(TEST_FOLDERS:%=tests/%/*.c)))
UNIT_TESTS   := $(UNIT_SOURCES:tests/%.c=$(BUILD)/test/%)
PROG_TESTS   := $(PROG_SOURCES:tests/%.c=$(BUILD)/test/%)
# Programs of tests/prog that run on the host too, without a kernel: tests/host.
HOST_TESTS   := $(patsubst %,$(BUILD)/test/host/%,hooks rows differential test_dns)
HOST_OWN     := $(patsubst tests/host/tests/%.c,$(BUILD)/test/host/%,$(wildcard tests/host/tests/*.c))
# Fuzz targets without libFuzzer, for `make test`; with it: make fuzz.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_TESTS   := $(FUZZ_TARGETS:%=$(BUILD)/test/fuzz/%)
E2E_TOOLS    := $(TOOL_SOURCES:tests/e2e/tools/%.c=$(BUILD)/test/e2e/%) $(BUILD)/test/e2e/shim.so

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all deps test test-kernels test-compilers test-debian demo soak bench check check-root lint format test-programs deb test-boot install uninstall clean fuzz coverage analyze analyze-files analyze-objects

all: $(BUILD)/agfeoctl

# --------------------------------------------------------------------- the tool

$(BUILD)/agfeoctl: $(USER_OBJECTS)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/user/%.o: user/%.c Makefile | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(filter $(BUILD)/user/kernel/%,$(USER_OBJECTS)): | $(BUILD)/agfeo.skel.h
$(BUILD)/user/main.o: | $(BUILD)/commands.h

# The commands that are there, in the order of command.h. A new file changes the folder's time.
$(BUILD)/commands.h: user/command/command.h user/command user/command/commands.sh Makefile
	@mkdir -p $(@D)
	$(call say,GEN)sh user/command/commands.sh user/command > $@

# --------------------------------------------------------------------- the programs

$(BUILD)/bpf/%.o: bpf/%.c Makefile | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,BPF)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.bpf.o: $(BUILD)/bpf/%.bpf.o
	$(call say,GEN)$(BPFTOOL) gen object $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,GEN)$(BPFTOOL) gen skeleton $< name $* > $@

# Says what is missing before a compiler does it in its own words.
$(BUILD)/ready: Makefile
	@mkdir -p $(@D)
	@for tool in "$(CC)" pkg-config "$(or $(CLANG),clang)" "$(or $(BPFTOOL),bpftool)"; do \
		command -v "$$tool" > /dev/null || { echo "$$tool is missing: run 'make deps'" >&2; exit 1; }; \
	done
	@pkg-config --print-errors --exists $(LIBS) || { echo "libraries are missing: run 'make deps'" >&2; exit 1; }
	@touch $@

# --------------------------------------------------------------------- tests

test-programs: $(UNIT_TESTS) $(PROG_TESTS) $(HOST_TESTS) $(HOST_OWN) $(FUZZ_TESTS) $(E2E_TOOLS) \
	$(BUILD)/test/agfeoctl $(BUILD)/other/agfeoctl

$(BUILD)/test/%.o: %.c Makefile | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS_ALL) -DAGFEO_FAULTS -Ibpf -Itests -Itests/lib $(CFLAGS_ALL) $(SANITIZE) -MMD -MP -c -o $@ $<

$(patsubst %.c,$(BUILD)/test/%.o,$(wildcard user/kernel/*.c tests/prog/*.c)): | $(BUILD)/agfeo.skel.h

$(BUILD)/test/pure.a: $(PURE_SOURCES:%.c=$(BUILD)/test/%.o) $(TEST_LIB)
$(BUILD)/test/user.a: $(patsubst %.c,$(BUILD)/test/%.o,$(filter-out user/main.c,$(USER_SOURCES)) $(PROG_HELPERS)) $(TEST_LIB)
$(BUILD)/test/%.a:
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

$(BUILD)/test/unit/%: $(BUILD)/test/tests/unit/%.o $(BUILD)/test/pure.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/test/prog/%: $(BUILD)/test/tests/prog/%.o $(BUILD)/test/user.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What stands in tests/host takes the place of the archive's loader, and of libbpf's calls.
HOST_OBJECTS := $(patsubst %.c,$(BUILD)/test/%.o,$(wildcard tests/host/*.c))

$(HOST_TESTS): $(BUILD)/test/host/%: $(BUILD)/test/tests/prog/%.o $(HOST_OBJECTS) $(BUILD)/test/user.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(HOST_OWN): $(BUILD)/test/host/%: $(BUILD)/test/tests/host/tests/%.o $(HOST_OBJECTS) $(BUILD)/test/user.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(FUZZ_TESTS): $(BUILD)/test/fuzz/%: $(BUILD)/test/tests/fuzz/fuzz_%.o $(BUILD)/test/tests/fuzz/short.o \
		$(HOST_OBJECTS) $(BUILD)/test/user.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/test/e2e/%: $(BUILD)/test/tests/e2e/tools/%.o $(BUILD)/test/pure.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/test/e2e/%.so: tests/e2e/tools/%.so.c Makefile | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS_ALL) -fPIC -shared -o $@ $<

$(BUILD)/bpf/flood.bpf.o: tests/e2e/tools/flood.bpf.c Makefile | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,BPF)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/test/tests/e2e/tools/flood.o: | $(BUILD)/flood.skel.h

# The tool with sanitizers and fault points (user/kernel/fault.h), for tests/e2e/load.sh.
$(BUILD)/test/user/main.o: | $(BUILD)/commands.h
$(BUILD)/test/agfeoctl: $(BUILD)/test/user/main.o $(BUILD)/test/user.a
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The tool as another version might be, with maps of another layout, for tests/e2e/migrate.sh.
OTHER = tests/e2e/other_layout.sed
OTHER_HEADERS := $(patsubst %,$(BUILD)/other/%,$(wildcard include/agfeo/*.h))

$(BUILD)/other/include/%.h: include/%.h $(OTHER)
	@mkdir -p $(@D)
	$(call say,GEN)sed -f $(OTHER) $< > $@

$(BUILD)/other/agfeoctl: $(OTHER_HEADERS) $(USER_SOURCES) $(wildcard user/*/*.h bpf/*) Makefile
	$(MAKE) BUILD=$(BUILD)/other INCLUDE=$(BUILD)/other/include VERSION=2.0.0 CFLAGS=-O1 LDFLAGS= $@

# Each target for FUZZ_SECONDS, from its corpus and what earlier runs found (build/fuzz/corpus): one of
# them by TARGETS=NAME. What breaks stands in build/fuzz; tests/fuzz/README.md.
FUZZ_SECONDS = 600
TARGETS = $(FUZZ_TARGETS)
FUZZ_FLAGS = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-fno-strict-aliasing
FUZZ_OBJECTS := $(patsubst %.c,$(BUILD)/fuzz/%.o,$(filter-out user/main.c,$(USER_SOURCES)) $(PROG_HELPERS) \
	$(wildcard tests/host/*.c $(TEST_FOLDERS:%=tests/%/*.c)))

$(BUILD)/fuzz/%.o: %.c Makefile | $(BUILD)/agfeo.skel.h
	@mkdir -p $(@D)
	$(call say,CLANG)$(CLANG) $(CPPFLAGS_ALL) -Ibpf -Itests -Itests/lib -std=gnu11 $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

# The host's own stand before the archive, which has what they leave open.
$(BUILD)/fuzz/rest.a: $(filter-out $(BUILD)/fuzz/tests/host/%,$(FUZZ_OBJECTS))
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o $(filter $(BUILD)/fuzz/tests/host/%,$(FUZZ_OBJECTS)) $(BUILD)/fuzz/rest.a
	$(call say,LINK)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

fuzz: $(TARGETS:%=$(BUILD)/fuzz/fuzz_%)
	BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) JOBS=$(JOBS) tests/fuzz/fuzz.sh $(TARGETS)

# Lines that ran, by file: tests/coverage.py, of a build of its own. COVERED="unit host" says which tests;
# left out are those that measure, and those whose lines others run as well.
COVERED = unit host fuzz prog/test_collect prog/test_sandbox prog/test_sweep \
	$(addprefix e2e/,audit call confined discover faults follow load mishaps names outputs replay run textfile top)
COVERAGE = $(BUILD)/coverage
AT_EXIT = $(COVERAGE)/test/tests/coverage.o
COVERAGE_MAKE = $(MAKE) BUILD=$(COVERAGE) CFLAGS='-O0 -g --coverage' \
	SANITIZE='-O0 -g --coverage -fno-strict-aliasing'

coverage:
	$(COVERAGE_MAKE) $(AT_EXIT)
	$(COVERAGE_MAKE) LDFLAGS='$(AT_EXIT) -Wl,--wrap=_exit,--wrap=raise' all test-programs
	find $(COVERAGE) -name '*.gcda' -delete
	BUILD=$(COVERAGE) GCOV_ERROR_FILE=$(abspath $(COVERAGE))/gcov.log tests/run.sh $(COVERED) || true
	tests/coverage.py $(COVERAGE)

# Speed, without sanitizers: tests/bench/README.md. QUICK=1 takes two minutes, the whole eight.
BENCH_SHARED := $(patsubst %.c,$(BUILD)/bench/%.o,$(filter-out tests/bench/bench_% tests/bench/prog% %.bpf.c,$(wildcard tests/bench/*.c)) \
	tests/lib/frame.c tests/lib/payload.c)
BENCHES := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))

$(BUILD)/bench/bench_prog: $(patsubst %.c,$(BUILD)/bench/%.o,$(wildcard tests/bench/prog*.c))

bench:
	@tests/deps.sh bench
	$(MAKE) -j$(JOBS) all $(BENCHES)
	BUILD=$(BUILD) tests/bench/bench.sh

$(BUILD)/bpf/bench.bpf.o $(BUILD)/bpf/latency.bpf.o: $(BUILD)/bpf/%.bpf.o: tests/bench/%.bpf.c Makefile | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,BPF)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/bench/%.o: %.c Makefile | $(BUILD)/bench.skel.h $(BUILD)/latency.skel.h
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS_ALL) -Itests/lib $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BENCHES): $(BUILD)/bench/%: $(BUILD)/bench/tests/bench/%.o $(BENCH_SHARED) $(filter-out $(BUILD)/user/main.o,$(USER_OBJECTS))
	$(call say,LINK)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What analysers say, each finding an error: tests/analyze/README.md. Which they leave out, and why, is
# said in .clang-tidy, tests/.clang-tidy, tests/analyze/cppcheck.txt and here:
#   malloc-leak, file-leak, use-of-uninitialized-value   gcc 12 loses what went through memcpy() and _cleanup_;
#                                             the tests run with LeakSanitizer, clang's core.uninitialized looks
#   possible-null-*, in tests only            a test without memory may die of it
#   unix.Malloc                               clang does not know _cleanup_: each local would be a leak;
#                                             gcc's double-free and use-after-free do
ANALYZED_BPF := $(wildcard bpf/*.bpf.c tests/bench/*.bpf.c tests/e2e/tools/*.bpf.c)
ANALYZED := $(USER_SOURCES) $(filter-out $(ANALYZED_BPF),$(wildcard tests/*/*.c tests/*/*/*.c))
ANALYZE_FLAGS = $(CPPFLAGS_ALL) -DAGFEO_ANALYZE -DAGFEO_FAULTS -Ibpf -Itests -Itests/lib -std=gnu11 \
	-Wall -Wextra -Wshadow -fno-strict-aliasing
GCC_ANALYZER = -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -Wno-analyzer-use-of-uninitialized-value
$(BUILD)/analyze/tests/%.o: GCC_ANALYZER += -Wno-analyzer-possible-null-argument \
	-Wno-analyzer-possible-null-dereference
CLANG_TIDY = clang-tidy

analyze:
	@tests/deps.sh analyze
	$(MAKE) -j$(JOBS) -k analyze-files
	BUILD=$(BUILD) JOBS=$(JOBS) tests/analyze/cppcheck.sh
	@rm -rf $(BUILD)/analyze/scan
	scan-build --status-bugs --use-cc=$(CC) -disable-checker unix.Malloc -o $(BUILD)/analyze/report \
		sh -c '$(MAKE) -j$(JOBS) CC="$$CC" analyze-objects'

analyze-files: $(ANALYZED:%.c=$(BUILD)/analyze/%.tidy) $(ANALYZED_BPF:%.c=$(BUILD)/analyze/%.tidy)

analyze-objects: $(ANALYZED:%.c=$(BUILD)/analyze/scan/%.o)

# By gcc's own -O2: what it looks through is what it runs.
$(BUILD)/analyze/%.o: %.c Makefile | $(BUILD)/agfeo.skel.h $(BUILD)/bench.skel.h $(BUILD)/latency.skel.h \
		$(BUILD)/flood.skel.h $(BUILD)/commands.h
	@mkdir -p $(@D)
	$(call say,GCC)$(CC) $(ANALYZE_FLAGS) -Werror -O2 $(GCC_ANALYZER) -MMD -MP -c -o $@ $<

# Where gcc's is new, clang's is stale.
$(BUILD)/analyze/%.tidy: $(BUILD)/analyze/%.o .clang-tidy tests/.clang-tidy
	$(call say,TIDY)$(CLANG_TIDY) --quiet $*.c -- $(ANALYZE_FLAGS) 2> $@.said || { cat $@.said; exit 1; }
	@touch $@

$(ANALYZED_BPF:%.c=$(BUILD)/analyze/%.tidy): $(BUILD)/analyze/%.tidy: %.c $(wildcard bpf/*.h include/agfeo/*.h) \
		.clang-tidy tests/.clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY)$(CLANG_TIDY) --quiet $*.c -- $(BPF_CFLAGS) 2> $@.said || { cat $@.said; exit 1; }
	@touch $@

$(BUILD)/analyze/scan/%.o: %.c
	@mkdir -p $(@D)
	$(call say,SCAN)$(CC) $(ANALYZE_FLAGS) -c -o $@ $<

check: all $(UNIT_TESTS) $(HOST_TESTS) $(HOST_OWN)
	BUILD=$(BUILD) tests/run.sh lint unit host

lint:
	BUILD=$(BUILD) tests/run.sh lint

format:
	clang-format -i $$(git ls-files '*.c' '*.h' ':!vmlinux')

# A second make, since what deps installs must be found anew.
JOBS ?= $(shell nproc)

test: deps
	$(MAKE) -j$(JOBS) all test-programs
	BUILD=$(BUILD) tests/run.sh

check-root: all test-programs
	BUILD=$(BUILD) tests/run.sh prog e2e

# An hour of calls, loads, scans, kills and interfaces that go; DURATION=SECONDS for another time.
soak: all test-programs
	BUILD=$(BUILD) tests/soak.sh

# Long, and apart from the rest: tests/kernels/README.md. SUITES=bookworm for one of them.
test-kernels: deps
	tests/deps.sh kernels
	$(MAKE) -j$(JOBS) all test-programs
	BUILD=$(BUILD) tests/kernels/run.sh $(SUITES)

# With every clang that is here: `tests/deps.sh compilers` installs those that Debian has.
test-compilers: deps
	BUILD=$(BUILD) tests/compilers.sh

# What is committed, in another release of Debian. SUITE=trixie, TESTS="prog e2e/run" for a part.
test-debian: deps
	tests/deps.sh debian
	BUILD=$(BUILD) tests/debian.sh $(or $(SUITE),trixie) $(TESTS)

demo: deps
	$(MAKE) -j$(JOBS) all
	BUILD=$(BUILD) tests/demo/demo.sh

deps:
	@tests/deps.sh

# --------------------------------------------------------------------- the rest

share = $(DESTDIR)$(PREFIX)/share
lib   = $(DESTDIR)$(PREFIX)/lib
pages = man8/agfeoctl.8 man5/agfeo.conf.5

units = agfeo.service agfeo-run.service

INSTALLED = $(DESTDIR)$(PREFIX)/sbin/agfeoctl $(units:%=$(lib)/systemd/system/%) \
	$(lib)/tmpfiles.d/agfeo.conf $(share)/bash-completion/completions/agfeoctl \
	$(pages:%=$(share)/man/%) $(pages:%=$(share)/man/de/%)

install: $(BUILD)/agfeoctl
	install -D -m 0755 $(BUILD)/agfeoctl $(DESTDIR)$(PREFIX)/sbin/agfeoctl
	install -D -m 0644 user/completion/agfeoctl $(share)/bash-completion/completions/agfeoctl
	for page in $(pages); do \
		install -D -m 0644 user/man/$${page#*/} $(share)/man/$$page && \
		install -D -m 0644 user/man/de/$${page#*/} $(share)/man/de/$$page || exit 1; \
	done
	install -d $(share)/doc/agfeo/examples $(lib)/systemd/system
	install -m 0644 user/examples/*.conf $(share)/doc/agfeo/examples
	for unit in $(units); do \
		sed 's,/usr/sbin/,$(PREFIX)/sbin/,' user/systemd/$$unit > $(lib)/systemd/system/$$unit && \
		chmod 0644 $(lib)/systemd/system/$$unit || exit 1; \
	done
	install -D -m 0644 user/systemd/agfeo.tmpfiles $(lib)/tmpfiles.d/agfeo.conf
	install -D -m 0644 -t $(share)/agfeo/prometheus user/monitoring/*.yml
	install -D -m 0644 -t $(share)/agfeo/grafana user/monitoring/*.json

# Of what is committed; lintian's word on it where it is installed.
deb:
	BUILD=$(BUILD) user/packaging/deb.sh

test-boot: deb
	BUILD=$(BUILD) user/packaging/boot.sh

uninstall:
	rm -f $(INSTALLED)
	rm -rf $(share)/doc/agfeo $(share)/agfeo

clean:
	rm -rf $(BUILD)

# Whole systems stand in two of the folders.
-include $(shell find $(BUILD) \( -path $(BUILD)/debian -o -path $(BUILD)/kernels \) -prune -o -type f -name '*.d' -print 2>/dev/null)
