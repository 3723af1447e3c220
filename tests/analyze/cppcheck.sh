#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# cppcheck over user/, tests/ and bpf/, each finding an error; a part of `make analyze`. What it is not
# asked is in cppcheck.txt, what it cannot know in cppcheck.h. It keeps what it knows of a file that has
# not changed in build/analyze/cppcheck.
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
mkdir -p "$BUILD/analyze/cppcheck"
cppcheck --quiet --error-exitcode=1 -j "${JOBS:-1}" --cppcheck-build-dir="$BUILD/analyze/cppcheck" \
	--enable=warning,style,performance,portability --std=c11 --inline-suppr \
	--suppressions-list=tests/analyze/cppcheck.txt --include=tests/analyze/cppcheck.h \
	--template='{file}:{line}: {id}: {message}' --template-location='' \
	-D__x86_64__ -D_GNU_SOURCE -DAGFEO_VERSION='"0"' -DAGFEO_FAULTS -DAGFEO_ANALYZE \
	-Iuser -Iinclude -Ibpf -Itests -Itests/lib user tests bpf
