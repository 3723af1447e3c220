#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which TCP ports answer, be it with a refusal, without waiting for those that do not.

    ask.py ADDRESS LAST PORT...

Opens a connection to each PORT in this order and then to LAST, which answers. Packets do not overtake
each other on the way: when LAST has answered, so have those that ever will. Prints the ports that did.
"""
import errno
import select
import socket
import sys

PATIENCE = 15  # seconds, for LAST: a busy machine, and a first SYN that was lost while ARP was asked


def knock(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    wire = socket.socket(family, socket.SOCK_STREAM)
    wire.setblocking(False)
    wire.connect_ex((address, port))
    return wire


def answered(wire):
    error = wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error not in (0, errno.ECONNREFUSED):
        return False
    if error:
        return True
    try:
        wire.getpeername()
        return True
    except OSError:
        return False


def main():
    address, last, *ports = sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:])
    wires = {port: knock(address, port) for port in ports}
    end = knock(address, last)
    if not select.select([], [end], [], PATIENCE)[1] or not answered(end):
        sys.exit(f"{address} {last} does not answer")
    ready = select.select([], list(wires.values()), [], 0)[1]
    print(*(port for port, wire in wires.items() if wire in ready and answered(wire)))


main()
