#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The newest kernel of a Debian suite, from its archive: tests/kernels/kernel.sh SUITE FOLDER
# FOLDER gets release, version, vmlinuz, and root/lib/modules with what tests need of the modules.
# Nothing is installed: apt works in a private root, from the mirror that this machine is configured
# to use, and checks signatures as always.
set -eu

SUITE=$1
mkdir -p "$2"
FOLDER=$(realpath "$2")
PATH=$PATH:/usr/sbin:/sbin

# What of the modules is unpacked: the network, virtio, and the file systems that we boot from.
PARTS='net drivers/net drivers/virtio fs/9p fs/netfs fs/fscache fs/overlayfs lib crypto arch/x86/crypto'

# mirror LABEL: where this machine gets the archive of that label from. Nothing if it gets none.
mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
		sed -n "s/^$1 //p" | head -n 1
}

# The security archive is asked where this machine knows it: without it the kernel is an older one.
sources() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg archive security
	archive=$(mirror Debian)
	if [ -z "$archive" ]; then
		echo "kernels: apt knows no archive of Debian here, or has not fetched its lists: put one into" \
			"/etc/apt/sources.list.d and run 'apt-get update'" >&2
		return 1
	fi
	echo "deb [signed-by=$keyring] $archive $SUITE main"
	security=$(mirror Debian-Security)
	[ "$SUITE" = sid ] || [ -z "$security" ] ||
		echo "deb [signed-by=$keyring] $security $SUITE-security main"
}

apt_private() {
	"$1" -q -o "Dir::Etc::sourcelist=$FOLDER/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o "Dir::State=$FOLDER/apt/state" -o "Dir::State::status=$FOLDER/apt/status" \
		-o "Dir::Cache=$FOLDER/apt/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root "${@:2}"
}

# packages: of the meta package that depends on the newest, those that hold kernel and modules.
packages() {
	local image
	image=$(apt_private apt-cache depends linux-image-amd64 |
		sed -nE 's/^ *Depends: (linux-image-[0-9][^ ]*)$/\1/p' | head -n 1)
	[ -n "$image" ] || return 1
	echo "$image"
	apt_private apt-cache depends "$image" | sed -nE 's/^ *Depends: (linux-(binary|modules)-[0-9][^ ]*)$/\1/p'
}

unpack() { # PACKAGE.deb
	local part wanted=()
	for part in $PARTS; do wanted+=("./lib/modules/*/kernel/$part/*" "./usr/lib/modules/*/kernel/$part/*"); done
	dpkg-deb --fsys-tarfile "$1" | tar -x -C "$FOLDER/new" --wildcards --ignore-command-error \
		'*/vmlinuz*' '*/modules.order' '*/modules.builtin*' "${wanted[@]}" 2> "$FOLDER/tar" ||
		! grep -v 'Not found in archive\|Exiting with failure' "$FOLDER/tar"
}

rm -rf "$FOLDER/new"
mkdir -p "$FOLDER/apt/state/lists/partial" "$FOLDER/apt/cache/archives/partial" "$FOLDER/new"
: > "$FOLDER/apt/status"
sources > "$FOLDER/apt/sources.list"
apt_private apt-get update > "$FOLDER/log" 2>&1 || {
	cat "$FOLDER/log" >&2
	exit 1
}
names=$(packages) || {
	echo "kernels: Debian $SUITE has no kernel for this architecture" >&2
	exit 1
}
# The version of the archive says whether what is here is the newest.
version=$(apt_private apt-cache show "${names%%$'\n'*}" | sed -n 's/^Version: //p' | head -n 1)
if [ -e "$FOLDER/release" ] && [ "$(cat "$FOLDER/version" 2> /dev/null)" = "$version" ]; then
	exit 0
fi

rm -rf "$FOLDER/root" "$FOLDER/release" "$FOLDER"/*.deb
# shellcheck disable=SC2086 # package names
(cd "$FOLDER" && apt_private apt-get download $names) >> "$FOLDER/log" 2>&1 || {
	cat "$FOLDER/log" >&2
	exit 1
}
for package in "$FOLDER"/*.deb; do unpack "$package"; done
rm -f "$FOLDER"/*.deb "$FOLDER/tar"

mkdir -p "$FOLDER/root/lib"
for modules in "$FOLDER/new/lib/modules" "$FOLDER/new/usr/lib/modules"; do
	[ ! -d "$modules" ] || cp -a "$modules" "$FOLDER/root/lib"
done
release=$(ls "$FOLDER/root/lib/modules")
find "$FOLDER/new" -name 'vmlinuz*' -type f -exec cp {} "$FOLDER/vmlinuz" ';'
depmod -b "$FOLDER/root" "$release"
rm -rf "$FOLDER/new"
echo "$version" > "$FOLDER/version"
echo "$release" > "$FOLDER/release"
