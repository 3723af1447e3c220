#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Speaks UDP as it is told, from ports of its own, and prints what it hears.

    mailbox.py ORDERS [ADDRESS]:PORT...

ORDERS is a FIFO of lines "PORT ADDRESS PORT TEXT": from which of its ports, to whom, what. What it
hears it prints as "PORT: TEXT from ADDRESS PORT"; a text "ask …" is answered by "told …".
"""
import os
import select
import socket
import sys


def mouth(end):
    address, port = end.rsplit(":", 1)
    family = socket.AF_INET6 if address.startswith("[") else socket.AF_INET
    wire = socket.socket(family, socket.SOCK_DGRAM)
    wire.bind((address.strip("[]"), int(port)))
    return wire


def say(wires, line):
    port, address, remote, text = line.split(" ", 3)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    wires[family, int(port)].sendto(text.encode(), (address, int(remote)))


def hear(wire):
    text, whom = wire.recvfrom(2048)
    print(f"{wire.getsockname()[1]}: {text.decode()} from {whom[0]} {whom[1]}", flush=True)
    if text.startswith(b"ask "):
        wire.sendto(b"told " + text[4:], whom)


def main():
    orders = os.open(sys.argv[1], os.O_RDWR)
    wires = {}
    for wire in map(mouth, sys.argv[2:]):
        wires[wire.family, wire.getsockname()[1]] = wire
    print("ready", flush=True)
    rest = ""
    while True:
        for ready in select.select([orders, *wires.values()], [], [])[0]:
            if ready is not orders:
                hear(ready)
                continue
            *lines, rest = (rest + os.read(orders, 65536).decode()).split("\n")
            for line in lines:
                say(wires, line)


main()
