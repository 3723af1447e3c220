#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Samples to tables, plots and a verdict: report.py FOLDER reads prog.jsonl and live.jsonl there and
writes bench.txt, bench.json and *.svg beside them. Medians of undisturbed samples; a cell that has
fewer than five of them is marked ~ and takes its least disturbed ones."""
import json
import os
import shutil
import statistics
import subprocess
import sys

LEAST = 5


class Cell:
    """All samples of one row and column."""

    def __init__(self, samples):
        good = [s for s in samples if s["good"]]
        self.disturbed = len(good) < LEAST
        if self.disturbed:
            good = sorted(samples, key=lambda s: max(s["probe"]))[:LEAST]
        self.count = len(good)
        self.ns = statistics.median(s["ns"] for s in good)
        self.least = min(s["ns"] for s in good)
        self.most = max(s["ns"] for s in good)
        self.base = statistics.median(s.get("base", 0) for s in good)
        self.net = statistics.median(s["ns"] - s.get("base", 0) for s in good)
        self.marked = min((s["marked"] for s in good if "marked" in s), default=None)
        self.arrived = min((s["arrived"] for s in good if "arrived" in s), default=None)

    def spread(self):
        return f"{self.least:.0f}-{self.most:.0f}{'~' if self.disturbed else ''}"

    def as_dict(self):
        return {key: value for key, value in vars(self).items() if value is not None}


def read(path):
    """{(part, name, at): Cell} and {map: bytes}."""
    samples, memory = {}, {}
    if not os.path.exists(path):
        return {}, {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["part"] == "memory":
                memory[row["name"]] = row["bytes"]
            else:
                samples.setdefault((row["part"], row["name"], row["at"]), []).append(row)
    return {key: Cell(rows) for key, rows in samples.items()}, memory


def machine():
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    kernel = os.uname()
    return f"{model}, {os.cpu_count()} CPUs, Linux {kernel.release}, {kernel.machine}"


class Report:
    def __init__(self, folder):
        self.folder = folder
        self.cells, self.memory = read(os.path.join(folder, "prog.jsonl"))
        live, _ = read(os.path.join(folder, "live.jsonl"))
        self.cells.update(live)
        self.text = []
        self.targets = []

    def say(self, text=""):
        self.text.append(text)

    def get(self, part, name, at):
        return self.cells.get((part, name, at))

    def of_part(self, part):
        return [(name, at, cell) for (p, name, at), cell in self.cells.items() if p == part]

    # ---------------------------------------------------------------- what a run costs

    def runner(self):
        """What BPF_PROG_RUN itself costs a run: with it a figure reads as the kernel reports it."""
        cell = self.get("paths", "BPF_PROG_RUN itself", 0)
        return cell.ns if cell else 0.0

    def told(self, cell):
        return cell.net + self.runner()

    def paths(self):
        parse = self.get("paths", "parse only", 100)
        if not parse:
            return
        self.say("A packet by BPF_PROG_RUN, frames varied, ns (the making of the frame subtracted)")
        self.say(f"{'':36}{'flows':>7}{'ns':>8}{'× parse':>9}   spread with frame")
        for name, at, cell in self.of_part("paths"):
            flows = f"{at:g}" if at else "-"
            ratio = self.told(cell) / self.told(parse)
            self.say(f"{name:36}{flows:>7}{cell.net:8.1f}{ratio:9.2f}   {cell.spread()}")
        self.say(f"(× parse: both with the {self.runner():g} ns that an empty run costs)")
        self.say()

    def growth(self, part, title):
        rows = self.of_part(part)
        if not rows:
            return
        columns = sorted({at for _, at, _ in rows})
        self.say(f"{title}, ns by BPF_PROG_RUN")
        self.say(f"{'':36}" + "".join(f"{at:>10g}" for at in columns))
        for name in dict.fromkeys(name for name, _, _ in rows):
            cells = [self.get(part, name, at) for at in columns]
            self.say(f"{name:36}" + "".join(f"{c.net:9.1f}{'~' if c.disturbed else ' '}"
                                            if c else f"{'-':>10}" for c in cells))
        self.say()

    def live(self, part, title, floor):
        rows = self.of_part(part)
        reference = {at: self.get(part, floor, at) for at in {at for _, at, _ in rows}}
        if not rows:
            return
        self.say(f"{title}, one CPU that makes the frames as well")
        self.say(f"{'':34}{'flows':>7}{'ns':>8}{'Mpps':>8}{'of floor':>10}{'arrived':>9}{'EF':>6}   spread")
        for name, at, cell in sorted(rows, key=lambda row: (row[1], row[2].ns)):
            share = reference[at].ns / cell.ns if reference[at] else 0
            flows = f"{at:g}" if at else "-"
            self.say(f"{name:34}{flows:>7}{cell.ns:8.0f}{1000 / cell.ns:8.2f}{share:10.2f}"
                     f"{cell.arrived:9.0%}{cell.marked:6.0%}   {cell.spread()}")
        self.say()

    def live_devices(self, part):
        rows = self.of_part(part)
        for name in dict.fromkeys(name for name, _, _ in rows):
            cells = [self.get(part, name, at) for at in (1, 10000)]
            if all(cells):
                self.say(f"live, 1 and 10,000 {part}: {name:12} {cells[0].ns:6.0f} ns "
                         f"{cells[1].ns:6.0f} ns   {cells[0].spread()} {cells[1].spread()}")
        if rows:
            self.say()

    def maps(self):
        if not self.memory:
            return
        self.say("Memory by map, KiB, one device, default sizes")
        for name, size in sorted(self.memory.items(), key=lambda item: -item[1]):
            if size >= 65536:
                self.say(f"{name:36}{size / 1024:10.0f}")
        self.say(f"{'all':36}{sum(self.memory.values()) / 1024:10.0f}")
        self.say()

    # ---------------------------------------------------------------- what was aimed at

    def target(self, what, value, limit, at_most=True, unit="", doubt=False):
        holds = value <= limit if at_most else value >= limit
        self.targets.append({"target": what, "value": round(value, 3), "limit": limit,
                             "at_most": at_most, "holds": holds, "disturbed": doubt})
        self.say(f"{'holds' if holds else 'MISSES':8}{what}: {value:.2f}{unit}"
                 f" ({'at most' if at_most else 'at least'} {limit:g}{unit}){' ~' if doubt else ''}")

    def share(self, what, part, ours, theirs, at, limit):
        """How many packets ours carries for one of theirs."""
        a, b = self.get(part, ours, at), self.get(part, theirs, at)
        if a and b:
            self.target(what, b.ns / a.ns, limit, at_most=False, unit=" ×",
                        doubt=a.disturbed or b.disturbed)

    def grows(self, what, part, name, few, many, limit):
        a, b = self.get(part, name, few), self.get(part, name, many)
        if a and b:
            self.target(what, self.told(b) / self.told(a) * 100 - 100, limit, unit=" %",
                        doubt=a.disturbed or b.disturbed)

    def device_targets(self):
        """Live, sender included. Forwarding to many neighbours grows by itself: what XDP pass grows
        is taken off."""
        cells = [self.get("devices, known flow", name, at)
                 for name in ("agfeoctl", "XDP pass") for at in (1, 10000)]
        if all(cells):
            few, many, floor_few, floor_many = cells
            growth = (many.ns - floor_many.ns + floor_few.ns) / few.ns * 100 - 100
            self.target("1 to 10,000 devices: a known flow", growth, 5, unit=" %",
                        doubt=any(cell.disturbed for cell in cells))
        few, many = (self.get("devices, refused", "agfeoctl", at) for at in (1, 10000))
        if few and many:
            self.target("1 to 10,000 devices: a refused packet", many.ns / few.ns * 100 - 100, 40,
                        unit=" %", doubt=few.disturbed or many.disturbed)

    def program_targets(self):
        parse, known = self.get("paths", "parse only", 100), self.get("paths", "known flow", 100)
        voice = self.get("paths", "known flow, quality", 100)
        clock = self.get("paths", "parse and exact clock", 100)
        if parse and known:
            self.target("a known flow, quality off, to parse only",
                        self.told(known) / self.told(parse), 3, unit=" ×",
                        doubt=parse.disturbed or known.disturbed)
        if parse and known and voice and clock:
            self.target("quality, without the exact clock", voice.net - known.net -
                        (clock.net - parse.net), 12, unit=" ns",
                        doubt=voice.disturbed or clock.disturbed)
        few, many = self.get("flows", "known flow", 1), self.get("flows", "known flow", 10000)
        bare = [self.get("flows", "parse, bare lookup and count", at) for at in (1, 10000)]
        if few and many and all(bare):
            self.target("1 to 10,000 flows: a known flow, to what a bare lookup grows",
                        (many.net - few.net) / max(bare[1].net - bare[0].net, 0.1), 1, unit=" ×",
                        doubt=many.disturbed or bare[1].disturbed)
        self.grows("10 to 1,000 ranges: a known flow", "ranges", "known flow", 10, 1000, 5)
        self.grows("10 to 1,000 ranges: a refused packet", "ranges", "refused", 10, 1000, 5)
        for name in ("parse only", "known flow", "known flow, quality", "refused"):
            one, two = self.get("cpus", name, 1), self.get("cpus", name, 2)
            if one and two:
                self.target(f"two CPUs, of twice one: {name}", one.ns / two.ns, 0.8,
                            at_most=False, doubt=one.disturbed or two.disturbed)

    def verdict(self):
        self.say("What is aimed at")
        ours, voice = "agfeoctl", "agfeoctl, quality"
        self.share("flood, to XDP parse and drop", "flood", ours, "XDP parse and drop", 0, 0.75)
        self.share("flood, to nftables netdev", "flood", ours, "nftables, netdev", 0, 4)
        self.share("flood, to nftables conntrack", "flood", ours, "nftables, conntrack", 0, 9)
        self.share("RTP into the stack, to XDP pass", "accept", ours, "XDP pass", 100, 0.9)
        self.share("the same with quality", "accept", voice, "XDP pass", 100, 0.82)
        self.share("RTP with quality, to nftables conntrack", "accept", voice,
                   "nftables, conntrack", 100, 1.9)
        self.share("fast forwarding, to XDP redirect", "accept", "agfeoctl, fast", "XDP redirect",
                   100, 0.8)
        self.share("fast forwarding, to nftables conntrack", "accept", "agfeoctl, fast",
                   "nftables, conntrack", 100, 6)
        self.device_targets()
        self.program_targets()

    # ---------------------------------------------------------------- plots

    def plot(self, name, script):
        path = os.path.join(self.folder, name)
        if not shutil.which("gnuplot"):
            return
        head = (f"set terminal svg size 800,420 font 'sans,12' background '#ffffff'\n"
                f"set output '{path}.svg'\nset grid\nset key outside below\n")
        subprocess.run(["gnuplot"], input=head + script, text=True, check=False)

    def plot_growth(self, part, label, names):
        columns = sorted({at for _, at, _ in self.of_part(part)})
        if len(columns) < 2:
            return
        data, plots = "", []
        for name in names:
            data += "".join(f"{at} {self.get(part, name, at).net:.2f}\n" for at in columns
                            if self.get(part, name, at)) + "e\n"
            plots.append(f"'-' with linespoints linewidth 2 title '{name}'")
        self.plot(part, f"set logscale x\nset yrange [0:*]\nset xlabel '{label}'\n"
                  f"set ylabel 'ns a packet'\nplot {', '.join(plots)}\n{data}")

    def plot_live(self, part, at, title):
        rows = sorted(((name, cell) for name, a, cell in self.of_part(part) if a == at),
                      key=lambda row: row[1].ns)
        if not rows:
            return
        data = "".join(f"\"{name}\" {1000 / cell.ns:.3f}\n" for name, cell in rows)
        self.plot(part, f"set style data histograms\nset style fill solid 0.7\nset boxwidth 0.8\n"
                  f"set yrange [0:*]\nset xtics rotate by -30\nset title '{title}'\nunset key\n"
                  f"set ylabel 'million packets a second'\n"
                  f"plot '-' using 2:xtic(1) linecolor rgb '#30689c'\n{data}e\n")

    def plots(self):
        self.plot_growth("flows", "flows", ["parse, bare lookup and count", "known flow",
                                            "known flow, quality"])
        self.plot_growth("devices", "devices", ["known flow", "refused"])
        self.plot_growth("ranges", "ranges of ports", ["known flow", "refused"])
        self.plot_live("flood", 0, "flood of spoofed sources refused")
        self.plot_live("accept", 100, "RTP accepted, marked EF, into the stack")

    def write(self):
        self.say(machine())
        self.say()
        self.live("flood", "Flood from random sources", "XDP parse and drop")
        self.live("accept", "RTP accepted and forwarded by the stack", "XDP pass")
        for part in ("devices, refused", "devices, known flow"):
            self.live_devices(part)
        self.paths()
        self.growth("flows", "How a known flow grows with flows")
        self.growth("devices", "With devices")
        self.growth("ranges", "With ranges of ports")
        self.growth("cpus", "On two CPUs at once (each, with the making of the frame)")
        self.maps()
        self.verdict()
        text = "\n".join(self.text) + "\n"
        cells = [{"part": part, "name": name, "at": at, **cell.as_dict()}
                 for (part, name, at), cell in self.cells.items()]
        with open(os.path.join(self.folder, "bench.txt"), "w", encoding="utf-8") as out:
            out.write(text)
        with open(os.path.join(self.folder, "bench.json"), "w", encoding="utf-8") as out:
            json.dump({"machine": machine(), "cells": cells, "targets": self.targets,
                       "memory": self.memory}, out, indent=1)
        self.plots()
        print(text, end="")


Report(sys.argv[1]).write()
