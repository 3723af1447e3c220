#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""open_calls.py INTERFACE MAC CALLS: one RTP packet of the telephone system to each provider whose
calls are measured (mixes.c), out of INTERFACE to the box at MAC. What the providers send is answered
then, and the box may take the fast way."""
import socket
import struct
import sys

PBX, FIRST_PEER, PEER_PORT = "192.168.10.2", "217.0.0.0", 30000
FIRST_PORT, PORTS, STEP = 5204, 30, 2


def number(address):
    return struct.unpack("!I", socket.inet_aton(address))[0]


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(box, call):
    rtp = struct.pack("!BBHII", 0x80, 8, 1, 0, 0x20000 + call) + bytes(160)
    port = FIRST_PORT + call % PORTS * STEP
    udp = struct.pack("!HHHH", port, PEER_PORT, 8 + len(rtp), 0) + rtp
    fields = [0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, number(PBX), number(FIRST_PEER) + call]
    fields[7] = checksum(struct.pack("!BBHHHBBHII", *fields))
    ethernet = box + bytes.fromhex("020000000002") + b"\x08\x00"
    return ethernet + struct.pack("!BBHHHBBHII", *fields) + udp


def main():
    interface, mac, calls = sys.argv[1:]
    box = bytes.fromhex(mac.replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((interface, 0))
        for call in range(int(calls)):
            sender.send(frame(box, call))


main()
