#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A line without Ethernet header: two interfaces, and what goes into one comes out of the other.

    line.py NAME NAME

Makes both where it is started (they may be moved), says "ready", and carries packets until it is ended.
"""
import fcntl
import os
import select
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000  # bare packets, with nothing before them


def end(name):
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def main():
    ends = [end(name) for name in sys.argv[1:3]]
    other = dict(zip(ends, reversed(ends)))
    print("ready", flush=True)
    while True:
        for device in select.select(ends, [], [])[0]:
            packet = os.read(device, 65536)
            try:
                os.write(other[device], packet)
            except OSError:
                pass  # the other one is down: lost, as on any line


main()
