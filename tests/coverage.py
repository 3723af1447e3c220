#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Line coverage from what gcov left: coverage.py BUILD [--missing FILE…]

Prints every file of user/ and of bpf/ (the programs as the host runs them) with its lines, those that
ran and the share, then the sums by folder. A line counts once, whichever program ran it. Exit
status 1: a sum is below what it must be. --missing lists the lines of these files that never ran.
"""

import collections
import concurrent.futures
import json
import os
import subprocess
import sys

WANTED = {"user": 85.0, "bpf": 95.0}  # percent of lines


def read(notes):
    """What gcov says of one object: {source: {line: runs}}. Without data, nothing ran."""
    result = subprocess.run(
        ["gcov", "--json-format", "--stdout", notes], capture_output=True, check=False
    )
    sources = collections.defaultdict(collections.Counter)
    for document in result.stdout.splitlines():
        if not document.startswith(b"{"):
            continue
        for source in json.loads(document)["files"]:
            for line in source["lines"]:
                sources[os.path.normpath(source["file"])][line["line_number"]] += line["count"]
    return sources


def merge(build):
    """All objects of the build, one count a source line."""
    notes = [
        os.path.join(folder, name)
        for folder, _, names in os.walk(build)
        for name in names
        if name.endswith(".gcno")
    ]
    merged = collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for sources in pool.map(read, notes):
            for source, lines in sources.items():
                for line, count in lines.items():
                    merged[source][line] += count
    return merged


def share(ran, lines):
    return 100.0 * ran / lines if lines else 100.0


def row(name, ran, lines, verdict=""):
    print(f"{name:40} {ran:6} of {lines:6} {share(ran, lines):6.1f} %{verdict}")


def report(merged, folder):
    """Prints the files of a folder, its layers and the sum; whether enough of their lines ran."""
    layers = collections.defaultdict(lambda: [0, 0])
    for source in sorted(merged):
        if not source.startswith(folder + "/"):
            continue
        lines = len(merged[source])
        ran = sum(1 for count in merged[source].values() if count)
        row(source, ran, lines)
        layer = layers[os.path.dirname(source) + "/"]
        layer[0] += ran
        layer[1] += lines
    ran, lines = (sum(layer[i] for layer in layers.values()) for i in (0, 1))
    wanted = WANTED[folder]
    if len(layers) > 1:
        print()
    for name in sorted(layers):
        if name != folder + "/":
            row(name, *layers[name])
    row(folder + "/", ran, lines, "" if share(ran, lines) >= wanted else f", wanted are {wanted} %")
    print()
    return lines > 0 and share(ran, lines) >= wanted


def missing(merged, sources):
    for source in sources:
        with open(source, encoding="utf-8") as file:
            text = file.read().splitlines()
        for line in sorted(merged[source]):
            if not merged[source][line]:
                print(f"{source}:{line}: {text[line - 1]}")


def main(build, arguments):
    merged = merge(build)
    if arguments[:1] == ["--missing"]:
        missing(merged, arguments[1:])
        return 0
    enough = [report(merged, folder) for folder in WANTED]
    return 0 if all(enough) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
