#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A name server next to one who guesses: each question is answered by lies, then truly.

    liar.py ADDRESS TRUE FALSE

Every answer names TRUE for what was asked, every lie FALSE: with another transaction, to another
port, for another of AGFEO's names, for the domain of the name, behind the answers. The last
lie comes after the truth, in full.
"""
import socket
import struct
import sys


def encode(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def record(owner, address):
    return owner + struct.pack("!HHIH", 1, 1, 300, 4) + socket.inet_aton(address)


def message(number, question, answers, additional=b""):
    counts = struct.pack("!HHHHH", 0x8180, 1, len(answers), 0, 1 if additional else 0)
    return number + counts + question + b"".join(answers) + additional


def main():
    own, true, false = sys.argv[1:4]
    asked = b"\xc0\x0c"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((own, 53))
        print("ready", flush=True)
        while True:
            packet, peer = wire.recvfrom(4096)
            number, question = packet[:2], packet[12:]
            other = bytes([number[0] ^ 1, number[1]])
            alias = encode("aws.agfeo.de") + question[-4:]
            lie, truth = record(asked, false), record(asked, true)
            wire.sendto(message(other, question, [lie]), peer)
            wire.sendto(message(number, question, [lie]), (peer[0], peer[1] ^ 1))
            wire.sendto(message(number, alias, [lie]), peer)
            stranger = record(bytes([0xC0, 13 + packet[12]]), false)
            wire.sendto(message(number, question, [truth, stranger], lie), peer)
            wire.sendto(message(number, question, [lie]), peer)


main()
