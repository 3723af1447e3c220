#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A measured run into the documents: publish.py FOLDER copies bench.txt and the plots into
tests/bench/results, and writes the table of README.md and README.de.md anew, between its marks."""
import json
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
FILES = ("bench.txt", "flood.svg", "accept.svg", "calls.svg", "growth.svg")
MARKS = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->\n)", re.S)

# Ours with quality. A box guards two interfaces, and a forwarded packet meets both; the others judge it
# once, as ours does at one.
ROWS = (  # name of flood, of accept, of calls; what it is called: English, German
    ("XDP parse and drop", "XDP pass", None, "nothing but XDP (parse and drop; pass)",
     "nur XDP (lesen und verwerfen; durchlassen)"),
    (None, "no firewall", "no firewall", "no firewall", "keine Firewall"),
    ("agfeoctl", "agfeoctl, quality", None, "**agfeoctl** at one interface",
     "**agfeoctl** an einer Schnittstelle"),
    (None, "agfeoctl, quality, both hooks", "agfeoctl", "**agfeoctl** at both",
     "**agfeoctl** an beiden"),
    (None, "agfeoctl, fast, quality", "agfeoctl, fast", "**agfeoctl** at both, `forward = fast`",
     "**agfeoctl** an beiden, `forward = fast`"),
    ("nftables, netdev", "nftables, netdev", "nftables, netdev", "nftables, stateless at ingress",
     "nftables, zustandslos am Eingang"),
    ("nftables, conntrack", "nftables, conntrack", "nftables, conntrack", "nftables, conntrack",
     "nftables, conntrack"),
    ("iptables, stateless", "iptables, stateless", None, "iptables, stateless",
     "iptables, zustandslos"),
    ("iptables, conntrack", "iptables, conntrack", "iptables, conntrack", "iptables, conntrack",
     "iptables, conntrack"),
)
HEADS = (
    "| one CPU, which makes the packets as well | flood refused, Mpps | voice marked and forwarded, "
    "Mpps | a call under that flood: round trip, half · 99 % | packets of the call lost |\n",
    "| eine CPU, die auch die Pakete erzeugt | Flut abgewiesen, Mpps | Sprache markiert und "
    "weitergeleitet, Mpps | ein Gespräch unter dieser Flut: hin und zurück, Hälfte · 99 % | "
    "verlorene Pakete des Gesprächs |\n",
)


def number(value, digits, language, unit=""):
    text = f"{value:.{digits}f}{unit}"
    return text.replace(".", ",") if language else text


class Run:
    def __init__(self, folder):
        with open(os.path.join(folder, "bench.json"), encoding="utf-8") as file:
            self.told = json.load(file)

    def speed(self, part, name, at, language):
        for cell in self.told["cells"]:
            if (cell["part"], cell["name"], cell["at"]) == (part, name, at):
                return number(1000 / cell["ns"]["median"], 1, language)
        return None

    def call(self, name, language):
        for calls in self.told["calls"]:
            trip = calls["round_trip"]
            if calls["name"] == name and calls["flood_wanted"] and trip["p50"] is not None:
                digits = 0 if calls["lost"] > 0.1 else 1
                return (f"{number(trip['p50'], 0, language)} · {number(trip['p99'], 0, language)} µs",
                        number(100 * calls["lost"], digits, language, " %"))
        return None, None

    def table(self, language):
        lines = HEADS[language] + "| --- | --- | --- | --- | --- |\n"
        for flood, accept, call, *names in ROWS:
            columns = [self.speed("flood", flood, 0, language),
                       self.speed("accept", accept, 100, language), *self.call(call, language)]
            if any(columns):
                lines += f"| {names[language]} | " + " | ".join(c or "–" for c in columns) + " |\n"
        return lines + "\n" + self.told["machine"] + ".\n"


def main():
    folder, results = sys.argv[1], os.path.join(HERE, "results")
    run = Run(folder)
    os.makedirs(results, exist_ok=True)
    for name in FILES:
        shutil.copy(os.path.join(folder, name), os.path.join(results, name))
    for language, name in enumerate(("README.md", "README.de.md")):
        path = os.path.join(TOP, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        text, found = MARKS.subn(lambda marks: marks[1] + run.table(language) + marks[2], text)
        if found != 1:
            sys.exit(f"{name}: {found} places marked <!-- bench --> instead of one")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


main()
