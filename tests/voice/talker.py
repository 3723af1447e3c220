#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Talks RTP, and hurts it on the way out: what it did is known, so it can be looked for.

    talker.py LOCAL:PORT REMOTE:PORT SECONDS [lose=N] [copy=N] [late=MS] [type=N]

Sends 20 ms of A-law every 20 ms. Each Nth packet is not sent, or sent twice; every other packet is
MS late. The first and the last packet are neither. Prints one line of JSON: what it did, and the
jitter (RFC 3550 A.8) of the moments at which it really sent, which on a busy machine is more.
"""
import json
import socket
import struct
import sys
import time

PTIME = 0.020
SAMPLES = 160


def endpoint(text):
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


def wait_until(moment):
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


class Jitter:
    """A.8 in floating point, sampled as `calls` does for a stream without markers."""

    def __init__(self):
        self.last, self.value, self.samples = None, 0.0, []

    def sent(self, moment, media):
        if self.last:
            late = abs(moment - self.last[0] - (media - self.last[1]))
            self.value += (late - self.value) / 16
            self.samples.append(self.value)
        self.last = moment, media

    def mean_ms(self):
        return round(1000 * sum(self.samples) / len(self.samples), 3)


def main():
    local, remote = endpoint(sys.argv[1]), endpoint(sys.argv[2])
    count = int(float(sys.argv[3]) / PTIME)
    wants = dict(item.split("=") for item in sys.argv[4:])
    lose, copy = int(wants.get("lose", 0)), int(wants.get("copy", 0))
    late, kind = float(wants.get("late", 0)) / 1000, int(wants.get("type", 8))
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    ssrc = 0x5EED0000 | local[1] & 0xFFFF
    jitter = Jitter()
    done = {"sent": 0, "expected": count, "lost": 0, "duplicates": 0, "ssrc": f"0x{ssrc:08x}"}

    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.bind(local)
        wire.connect(remote)
        begin = time.monotonic()
        for n in range(count):
            edge = n in (0, count - 1)
            wait_until(begin + n * PTIME + (late if n % 2 else 0))
            if lose and not edge and n % lose == 0:
                done["lost"] += 1
                continue
            packet = struct.pack(
                "!BBHII", 0x80, kind, (65000 + n) & 0xFFFF, n * SAMPLES, ssrc
            ) + b"\xd5" * SAMPLES
            copies = 2 if copy and not edge and n % copy == 1 else 1
            for _ in range(copies):
                jitter.sent(time.monotonic(), n * PTIME)
                try:
                    wire.send(packet)
                except ConnectionRefusedError:  # an ICMP error for the packet before: nobody listens
                    wire.send(packet)
            done["sent"] += copies
            done["duplicates"] += copies - 1
    done["mean_jitter_ms"] = jitter.mean_ms()
    print(json.dumps(done))


main()
