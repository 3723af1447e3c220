#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds the Debian package of what is committed, source and binary, into build/deb, and asks lintian
# where that is installed: make deb
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
version=$(sed -nE 's/^VERSION = (.*)/\1/p' Makefile)
for tool in git dpkg-buildpackage dh; do
	command -v "$tool" > /dev/null || {
		echo "$tool is missing: apt-get install git dpkg-dev debhelper" >&2
		exit 1
	}
done
if [ "$(dpkg-parsechangelog -l user/packaging/debian/changelog -S Version)" != "$version" ]; then
	echo "user/packaging/debian/changelog: its version is not that of the Makefile, $version" >&2
	exit 1
fi

folder=$BUILD/deb/agfeo-$version
rm -rf "$BUILD/deb"
mkdir -p "$folder"
git archive HEAD | tar -x -C "$folder"
cp -r "$folder/user/packaging/debian" "$folder/debian"
(cd "$folder" && dpkg-buildpackage --no-sign "$@")
rm -rf "$folder"
if command -v lintian > /dev/null; then
	lintian --allow-root --fail-on error,warning --info "$BUILD"/deb/*.changes
fi
ls -l "$BUILD"/deb/*.deb "$BUILD"/deb/*.dsc
