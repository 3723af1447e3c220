# SPDX-License-Identifier: GPL-2.0
"""Samples as bench_prog, bench_live and bench_latency wrote them. What is compared is compared within
a round: the two were measured within seconds of each other. A figure is the median of what was
undisturbed; where fewer than five such samples are there, all count, and it is marked ~."""
import json
import os
import statistics

LEAST = 5
ALIKE = 1.25  # disturbed samples are held against each other when their probes differ by less


class Figure:
    """A median, the least and the most, and whether it is to be doubted."""

    def __init__(self, values, doubt):
        self.value = statistics.median(values)
        self.least, self.most = min(values), max(values)
        self.count, self.doubt = len(values), doubt

    def spread(self, digits=0):
        return f"{self.least:.{digits}f}-{self.most:.{digits}f}{'~' if self.doubt else ''}"

    def as_dict(self):
        return {"median": round(self.value, 3), "least": round(self.least, 3),
                "most": round(self.most, 3), "samples": self.count, "disturbed": self.doubt}


class Cell:
    """All samples of one row and column."""

    def __init__(self, samples):
        self.rounds = {s["round"]: s for s in samples}
        good = [s for s in samples if s["good"]]
        doubt = len(good) < LEAST
        used = sorted(samples, key=lambda s: max(s["probe"]))[:LEAST] if doubt else good
        self.gross = Figure([s["ns"] for s in used], doubt)
        self.net = Figure([s["ns"] - s.get("base", 0) for s in used], doubt)
        for name in ("arrived", "marked", "fast"):
            setattr(self, name, min((s[name] for s in used if name in s), default=None))

    def as_dict(self):
        told = {"ns": self.gross.as_dict(), "net": self.net.as_dict()}
        told.update({name: getattr(self, name) for name in ("arrived", "marked", "fast")
                     if getattr(self, name) is not None})
        return told


def slowness(sample):
    return max(sample["probe"])


def compare(value_of, *cells):
    """value_of(samples, one of each cell) over the rounds that all have; None without cells."""
    if not all(cells):
        return None
    rounds = [[cell.rounds[n] for cell in cells] for n in cells[0].rounds
              if all(n in cell.rounds for cell in cells)]
    good = [samples for samples in rounds if all(s["good"] for s in samples)]
    doubt = len(good) < LEAST
    if doubt:
        alike = [samples for samples in rounds
                 if max(map(slowness, samples)) < ALIKE * min(map(slowness, samples))]
        good = alike if len(alike) >= LEAST else rounds
    return Figure([value_of(*samples) for samples in good], doubt) if good else None


def net(sample):
    return sample["ns"] - sample.get("base", 0)


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


class Calls:
    """Calls through one box, idle or flooded: all rounds, µs."""

    LISTS = ("round_trip", "one_way", "distortion")

    def __init__(self):
        self.packets = self.came_back = 0
        self.floods = []
        self.values = {name: [] for name in self.LISTS}
        self.medians = []  # of the round trip, by round; None: nothing came back

    def add(self, row):
        self.packets += row["packets"]
        self.came_back += len(row["round_trip"])
        self.floods.append(row["flood"])
        for name in self.LISTS:
            self.values[name] += [ns / 1000 for ns in row[name]]
        self.medians.append(statistics.median(row["round_trip"]) / 1000
                            if row["round_trip"] else None)

    def finish(self):
        for values in self.values.values():
            values.sort()

    def lost(self):
        return 1 - self.came_back / self.packets if self.packets else 0

    def at(self, name, share):
        values = self.values[name]
        return values[min(len(values) - 1, int(share * len(values)))] if values else None

    def added(self, bare):
        """To the round trip, over what it takes through a box that does nothing: by rounds."""
        return statistics.median(ours - theirs for ours, theirs in zip(self.medians, bare.medians)
                                 if ours is not None and theirs is not None)

    def as_dict(self):
        told = {name: {"p50": self.at(name, 0.5), "p99": self.at(name, 0.99),
                       "max": self.at(name, 1)} for name in self.LISTS}
        told.update({"packets": self.packets, "lost": round(self.lost(), 4),
                     "flood": round(statistics.median(self.floods))})
        return told


def read_calls(path):
    """{(name, flood): Calls}, the flood 0 where there was none."""
    calls = {}
    if not os.path.exists(path):
        return calls
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            calls.setdefault((row["name"], row["at"]), Calls()).add(row)
    for each in calls.values():
        each.finish()
    return calls
