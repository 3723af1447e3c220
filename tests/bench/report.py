#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Samples to tables, plots and a verdict: report.py FOLDER reads prog.jsonl, live.jsonl and
latency.jsonl there and writes bench.txt, bench.json and *.svg beside them."""
import json
import os
import sys

import plots
from aims import Aims
from samples import compare, read, read_calls

CALLS_SHOWN = (("round_trip", "Round trip of a call's packet, twice through the box, µs"),
               ("distortion", "How much later or earlier than sent it follows the one before, µs"))


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
        self.calls = read_calls(os.path.join(folder, "latency.jsonl"))
        self.text = []

    def say(self, text=""):
        self.text.append(text)

    def get(self, part, name, at):
        return self.cells.get((part, name, at))

    def of_part(self, part):
        return [(name, at, cell) for (p, name, at), cell in self.cells.items() if p == part]

    # ---------------------------------------------------------------- live frames

    def live(self, part, title, floor):
        rows = self.of_part(part)
        if not rows:
            return
        self.say(f"{title}, one CPU that makes the frames as well")
        self.say(f"{'':30}{'flows':>7}{'ns':>7}{'least-most':>12}{'Mpps':>8}{'of floor':>10}"
                 f"{'least-most':>12}{'arrived':>9}{'EF':>6}")
        for name, at, cell in sorted(rows, key=lambda row: (row[1], row[2].gross.value)):
            share = compare(lambda a, b: b["ns"] / a["ns"], cell, self.get(part, floor, at))
            told = f"{share.value:10.2f}{share.spread(2):>12}" if share else f"{'-':>10}{'':12}"
            self.say(f"{name:30}{at or '-':>7}{cell.gross.value:7.0f}{cell.gross.spread():>12}"
                     f"{1000 / cell.gross.value:8.2f}{told}{cell.arrived:9.0%}{cell.marked:6.0%}")
        self.say()

    def live_devices(self):
        for part in ("devices, refused", "devices, known flow"):
            for name in dict.fromkeys(name for name, _, _ in self.of_part(part)):
                cells = [self.get(part, name, at) for at in (1, 10000)]
                if all(cells):
                    self.say(f"live, 1 and 10,000 {part + ':':22} {name:10}"
                             f"{cells[0].gross.value:6.0f} ns ({cells[0].gross.spread()})"
                             f"{cells[1].gross.value:6.0f} ns ({cells[1].gross.spread()})")
        self.say()

    # ---------------------------------------------------------------- calls

    def call_table(self, which, title, floods):
        self.say(title)
        head = "".join(f"{'p50':>9}{'p99':>8}{'max':>8}" for _ in floods)
        self.say(f"{'':30}{'idle':>25}{'flooded':>25}")
        self.say(f"{'':30}{head}{'lost':>8}")
        for name in dict.fromkeys(name for name, _ in self.calls):
            line = f"{name:30}"
            for flood in floods:
                calls = self.calls[name, flood]
                for share, width in ((0.5, 9), (0.99, 8), (1, 8)):
                    value = calls.at(which, share)
                    line += f"{value:{width}.1f}" if value is not None else f"{'-':>{width}}"
            self.say(line + f"{self.calls[name, floods[-1]].lost():8.1%}")
        self.say()

    def added(self):
        bare = self.calls.get(("no firewall", 0))
        rows = [(name, calls) for (name, flood), calls in self.calls.items() if not flood]
        if bare:
            self.say("Added to the idle round trip, µs: " +
                     ", ".join(f"{name} {calls.added(bare):.1f}" for name, calls in rows
                               if calls is not bare))
            self.say()

    def call_tables(self):
        floods = sorted({flood for _, flood in self.calls})
        if len(floods) != 2:
            return
        self.say(f"Calls, 1,000 packets a second in 20 calls; flooded: {floods[1]:,} unlisted frames "
                 "a second beside them")
        for which, title in CALLS_SHOWN:
            self.call_table(which, title, floods)
        self.added()

    # ---------------------------------------------------------------- programs alone

    def paths(self):
        parse = self.get("paths", "parse only", 100)
        runner = self.get("paths", "BPF_PROG_RUN itself", 0)
        if not parse or not runner:
            return
        self.say("A packet by BPF_PROG_RUN, frames varied, ns (the making of the frame subtracted)")
        self.say(f"{'':36}{'flows':>7}{'ns':>8}{'least-most':>12}{'× parse':>9}")
        for name, at, cell in self.of_part("paths"):
            ratio = compare(lambda a, b, r: (a["ns"] - a.get("base", 0) + r["ns"]) /
                            (b["ns"] - b["base"] + r["ns"]), cell, parse, runner)
            self.say(f"{name:36}{at or '-':>7}{cell.net.value:8.1f}{cell.net.spread():>12}"
                     f"{ratio.value:9.2f}")
        self.say(f"(× parse: both with the {runner.gross.value:.1f} ns that an empty run costs)")
        self.say()

    def growth(self, part, title):
        rows = self.of_part(part)
        if not rows:
            return
        columns = sorted({at for _, at, _ in rows})
        self.say(f"{title}, ns by BPF_PROG_RUN")
        self.say(f"{'':30}" + "".join(f"{at:>18,g}" for at in columns))
        for name in dict.fromkeys(name for name, _, _ in rows):
            cells = [self.get(part, name, at) for at in columns]
            self.say(f"{name:30}" + "".join(f"{c.net.value:8.1f}{c.net.spread():>10}"
                                            if c else f"{'-':>18}" for c in cells))
        self.say()

    def maps(self):
        if not self.memory:
            return
        self.say("Memory by map, KiB, one device, flows = 16384")
        for name, size in sorted(self.memory.items(), key=lambda item: -item[1]):
            if size >= 65536:
                self.say(f"{name:30}{size / 1024:10,.0f}")
        self.say(f"{'all':30}{sum(self.memory.values()) / 1024:10,.0f}")
        self.say()

    # ---------------------------------------------------------------- plots

    def plot_live(self, part, at, title):
        rows = sorted(((name, cell.gross) for name, a, cell in self.of_part(part) if a == at),
                      key=lambda row: row[1].value)
        plots.bars(self.folder, part, title, "million packets a second, on one CPU that makes them too",
                   [(name, 1000 / gross.value, f"{1000 / gross.value:.1f}") for name, gross in rows])

    def plot_calls(self):
        rows = [(name, calls.at("round_trip", 0.99), calls.lost())
                for (name, flood), calls in self.calls.items()
                if flood and calls.at("round_trip", 0.99) is not None]
        rows.sort(key=lambda row: (row[2], row[1]))
        plots.bars(self.folder, "calls", "a call while a million unlisted frames a second come in",
                   "round trip of 99 % of the packets that arrived, µs",
                   [(name, p99, f"{p99:.0f} µs" + (f", {lost:.{0 if lost > 0.1 else 1}%} lost" if lost > 0.0005 else ""))
                    for name, p99, lost in rows])

    def plot_growth(self):
        wanted = (("flows", "flows", ("parse, bare lookup and count", "known flow",
                                      "known flow, quality")),
                  ("devices", "devices", ("known flow", "refused")),
                  ("ranges", "ranges of ports", ("known flow", "refused")))
        panels = []
        for part, label, names in wanted:
            columns = sorted({at for _, at, _ in self.of_part(part)})
            lines = [(name, [(at, self.get(part, name, at).net.value) for at in columns
                             if self.get(part, name, at)]) for name in names]
            if len(columns) > 1:
                panels.append((f"by {label}", label, lines))
        plots.growth(self.folder, "growth", panels)

    def plot(self):
        if not plots.present():
            print("bench: no plots: gnuplot is missing", file=sys.stderr)
            return
        self.plot_live("flood", 0, "a flood from random sources, refused")
        self.plot_live("accept", 100, "voice accepted, marked and forwarded, 100 calls")
        self.plot_calls()
        self.plot_growth()

    # ---------------------------------------------------------------- all of it

    def tables(self):
        self.say(machine())
        self.say()
        self.live("flood", "Flood from random sources", "XDP parse and drop")
        self.live("accept", "RTP accepted, marked and forwarded", "XDP pass")
        self.live_devices()
        self.call_tables()
        self.paths()
        self.growth("quality, one direction", "10,000 calls, one end heard")
        self.growth("quality, both in turn", "10,000 calls, both ends in turn")
        self.growth("flows", "How a known flow grows with flows")
        self.growth("devices", "With devices")
        self.growth("ranges", "With ranges of ports")
        self.growth("cpus", "On one CPU and on two at once (each, with the making of the frame)")
        self.maps()

    def write(self):
        aims = Aims(self.cells, self.calls)
        self.tables()
        self.text += aims.lines()
        text = "\n".join(self.text) + "\n"
        cells = [{"part": part, "name": name, "at": at, **cell.as_dict()}
                 for (part, name, at), cell in self.cells.items()]
        calls = [{"name": name, "flood_wanted": flood, **each.as_dict()}
                 for (name, flood), each in self.calls.items()]
        with open(os.path.join(self.folder, "bench.txt"), "w", encoding="utf-8") as out:
            out.write(text)
        with open(os.path.join(self.folder, "bench.json"), "w", encoding="utf-8") as out:
            json.dump({"machine": machine(), "cells": cells, "calls": calls, "aims": aims.told,
                       "memory": self.memory}, out, indent=1)
        self.plot()
        print(text, end="")


Report(sys.argv[1]).write()
