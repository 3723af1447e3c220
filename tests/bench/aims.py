# SPDX-License-Identifier: GPL-2.0
"""What the project aims at, and whether a run held it: medians over rounds of what the two sides of a
comparison were in the same round."""
from samples import compare, net

OURS, VOICE = "agfeoctl", "agfeoctl, quality"
FAST, FAST_VOICE = "agfeoctl, fast", "agfeoctl, fast, quality"


class Aims:
    def __init__(self, cells, calls):
        self.cells, self.calls = cells, calls
        self.told = []
        self.live()
        self.devices()
        self.programs()
        self.growth()
        self.cpus()

    def get(self, part, name, at):
        return self.cells.get((part, name, at))

    def aim(self, what, figure, limit, at_most=True, unit="", possible=None):
        """possible: more than that nothing can be, and only a disturbance measures it."""
        told = {"aim": what, "limit": limit, "at_most": at_most, "unit": unit, "held": None}
        if figure is not None:
            told.update(figure.as_dict())
            held = figure.value <= limit if at_most else figure.value >= limit
            crosses = figure.least <= limit <= figure.most
            unsure = (figure.doubt and crosses) or (possible and figure.value > possible)
            told["held"] = None if unsure else held
        self.told.append(told)

    # ---------------------------------------------------------------- live frames

    def share(self, what, part, ours, theirs, at, limit):
        """How many packets ours carries for one of theirs."""
        self.aim(what, compare(lambda a, b: b["ns"] / a["ns"], self.get(part, ours, at),
                               self.get(part, theirs, at)), limit, at_most=False, unit=" ×")

    def live(self):
        self.share("flood refused, to XDP parse and drop", "flood", OURS, "XDP parse and drop", 0,
                   0.75)
        self.share("flood refused, to nftables netdev", "flood", OURS, "nftables, netdev", 0, 4)
        self.share("flood refused, to nftables conntrack", "flood", OURS, "nftables, conntrack", 0, 9)
        self.share("RTP into the stack, to XDP pass", "accept", OURS, "XDP pass", 100, 0.9)
        self.share("RTP into the stack, quality, to XDP pass", "accept", VOICE, "XDP pass", 100, 0.82)
        self.share("RTP into the stack, to nftables conntrack", "accept", OURS,
                   "nftables, conntrack", 100, 1.9)
        self.share("RTP into the stack, quality, to nftables conntrack", "accept", VOICE,
                   "nftables, conntrack", 100, 1.9)
        self.share("RTP forwarded fast, to XDP redirect", "accept", FAST, "XDP redirect", 100, 0.8)
        self.share("RTP forwarded fast, to nftables conntrack", "accept", FAST,
                   "nftables, conntrack", 100, 6)

    def devices(self):
        """A known flow without what the kernel's own forwarding grows: it has as many routes to find."""
        part = "devices, known flow"
        cells = [self.get(part, name, at) for name in (OURS, "XDP pass") for at in (1, 10000)]
        growth = compare(lambda few, many, floor_few, floor_many: (many["ns"] - floor_many["ns"] +
                         floor_few["ns"]) / few["ns"] * 100 - 100, *cells)
        self.aim("1 to 10,000 devices: a known flow, live", growth, 5, unit=" %")
        cells = [self.get("devices, refused", OURS, at) for at in (1, 10000)]
        growth = compare(lambda few, many: many["ns"] / few["ns"] * 100 - 100, *cells)
        self.aim("1 to 10,000 devices: a refused packet, live", growth, 40, unit=" %")

    # ---------------------------------------------------------------- programs alone

    def programs(self):
        runner = self.get("paths", "BPF_PROG_RUN itself", 0)
        ratio = compare(lambda a, b, r: (net(a) + r["ns"]) / (net(b) + r["ns"]),
                        self.get("paths", "known flow", 100), self.get("paths", "parse only", 100),
                        runner)
        self.aim("a known flow, quality off, to parse only", ratio, 3, unit=" ×")
        for part in ("quality, one direction", "quality, both in turn"):
            cells = [self.get(part, name, 10000) for name in
                     ("known flow, quality", "known flow", "parse and exact clock", "parse only")]
            beyond = compare(lambda with_it, without, clock, parse: net(with_it) - net(without) -
                             net(clock) + net(parse), *cells)
            self.aim(f"{part}: beyond the exact clock", beyond, 12, unit=" ns")

    def grows(self, part, name, few, many):
        """In percent, as BPF_PROG_RUN tells it: with what an empty run costs."""
        return compare(lambda a, b, r: (net(b) + r["ns"]) / (net(a) + r["ns"]) * 100 - 100,
                       self.get(part, name, few), self.get(part, name, many),
                       self.get("paths", "BPF_PROG_RUN itself", 0))

    def growth(self):
        bare = "parse, bare lookup and count"
        cells = [self.get("flows", name, at) for name in ("known flow", bare) for at in (1, 10000)]
        beyond = compare(lambda few, many, bare_few, bare_many: net(many) - net(few) -
                         (net(bare_many) - net(bare_few)), *cells)
        self.aim("1 to 10,000 flows: a known flow, beyond what a bare lookup grows", beyond, 0,
                 unit=" ns")
        for name, told in (("known flow", "a known flow"), ("refused", "a refused packet")):
            self.aim(f"10 to 1,000 ranges: {told}", self.grows("ranges", name, 10, 1000), 5,
                     unit=" %")

    def cpus(self):
        for name in ("parse only", "known flow", "known flow, quality", "refused"):
            kept = compare(lambda one, two: one["ns"] / two["ns"], self.get("cpus", name, 1),
                           self.get("cpus", name, 2))
            if name == "parse only":
                name += " (a floor: it shares nothing)"
            self.aim(f"two CPUs, of twice one: {name}", kept, 0.8, at_most=False,
                     possible=1.05)

    # ---------------------------------------------------------------- told

    @staticmethod
    def line(aim):
        bound = f"{'at most' if aim['at_most'] else 'at least'} {aim['limit']:g}{aim['unit']}"
        if "median" not in aim:
            return f"{'-':8}{aim['aim']}: not measured ({bound})"
        word = {True: "ok", False: "MISSED", None: "unsure"}[aim["held"]]
        digits = 1 if aim["unit"] in (" ns", " %") else 2
        return (f"{word:8}{aim['aim']}: {aim['median']:.{digits}f}"
                f"{aim['unit']}, {aim['least']:.{digits}f} to {aim['most']:.{digits}f} in "
                f"{aim['samples']} rounds ({bound}){' ~' if aim['disturbed'] else ''}")

    def lines(self):
        return ["What is aimed at"] + [self.line(aim) for aim in self.told]
