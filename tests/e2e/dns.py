#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A name server for tests: answers from a file that it reads anew for each question.

    dns.py ADDRESS:PORT FILE

Lines of FILE: NAME TTL A|AAAA|CNAME VALUE. A name that has none is NXDOMAIN. With a line "silent"
nothing is answered. Each question is printed.
"""
import socket
import struct
import sys

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}


def encode(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.rstrip(".").split(".")) + b"\0"


def decode(packet, at):
    parts = []
    while packet[at]:
        parts.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(parts).lower(), at + 1


def records(path):
    with open(path, encoding="ascii") as file:
        return [line.split() for line in file if line.strip()]


def value(kind, text):
    if kind == "CNAME":
        return encode(text)
    return socket.inet_pton(socket.AF_INET if kind == "A" else socket.AF_INET6, text)


def answers(rows, name, kind):
    """The chain of aliases, and what it ends in."""
    found = []
    for _ in range(8):
        own = [row for row in rows if row[0] == name]
        wanted = [row for row in own if row[2] == kind]
        if wanted:
            return found + wanted
        alias = [row for row in own if row[2] == "CNAME"]
        if not alias:
            break
        found += alias
        name = alias[0][3]
    return found


def respond(packet, rows):
    name, end = decode(packet, 12)
    kind = NAMES.get(struct.unpack_from("!H", packet, end)[0], "?")
    print(name, kind, flush=True)
    if ["silent"] in rows:
        return None
    found = answers(rows, name, kind)
    exists = any(row[0] == name for row in rows)
    flags = 0x8180 | (0 if exists else 3)
    header = packet[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0)
    body = b""
    for owner, ttl, what, text in found:
        data = value(what, text)
        body += encode(owner) + struct.pack("!HHIH", TYPES[what], 1, int(ttl), len(data)) + data
    return header + packet[12 : end + 4] + body


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((host, int(port)))
        print("ready", flush=True)
        while True:
            packet, peer = wire.recvfrom(4096)
            answer = respond(packet, records(sys.argv[2]))
            if answer:
                wire.sendto(answer, peer)


main()
