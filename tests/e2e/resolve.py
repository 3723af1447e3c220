#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A device that resolves a name and connects at once, as a telephone system does.

    resolve.py RESOLVER NAME A|AAAA PORT [TIMES]

Prints "ADDRESS connected MILLISECONDS", or "ADDRESS silence" after a second and a half, time for a second try, or "no answer".
Whatever does not fit its question is not looked at.
"""
import ipaddress
import os
import socket
import struct
import sys
import time

TYPES = {"A": 1, "AAAA": 28}


def encode(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def skip_name(packet, at):
    while packet[at]:
        if packet[at] >= 0xC0:
            return at + 2
        at += 1 + packet[at]
    return at + 1


def addresses(packet, kind, at):
    found = []
    for _ in range(struct.unpack_from("!H", packet, 6)[0]):
        at = skip_name(packet, at)
        what, _, _, size = struct.unpack_from("!HHIH", packet, at)
        at += 10
        if what == kind:
            found.append(str(ipaddress.ip_address(packet[at : at + size])))
        at += size
    return found


def resolve(resolver, name, kind):
    family = socket.AF_INET6 if ":" in resolver else socket.AF_INET
    question = os.urandom(2) + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0)
    question += encode(name) + struct.pack("!HH", kind, 1)
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.connect((resolver, 53))
        wire.settimeout(3)
        wire.send(question)
        while True:
            packet = wire.recv(4096)
            if packet[:2] == question[:2] and packet[12 : len(question)] == question[12:]:
                return addresses(packet, kind, len(question))


def connect(address, port):
    begin = time.monotonic()
    try:
        socket.create_connection((address, port), timeout=1.5).close()
    except OSError:
        return "silence"
    return f"connected {1000 * (time.monotonic() - begin):.0f}"


def main():
    resolver, name, kind, port = sys.argv[1:5]
    for _ in range(int(sys.argv[5]) if len(sys.argv) > 5 else 1):
        try:
            found = resolve(resolver, name, TYPES[kind])
        except OSError:
            found = []
        for address in found:
            print(address, connect(address, int(port)), flush=True)
        if not found:
            print("no answer", flush=True)


main()
