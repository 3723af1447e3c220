/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet in words, for rows that anybody can read. Blanks between the words; what wraps or
 * changes the packet stands first:
 *
 *	vlan 7              a VLAN tag; the outermost first. vlan 7@0x88a8: with that ethertype
 *	pppoe               in a PPPoE session
 *	mac 00:09:40:12:34:56   who sends the frame
 *	dscp 46, ecn 1      of the IP header
 *	options 2           so many 4-byte words of IPv4 options (no-operation)
 *	ext 0,43,60         IPv6 extension headers by number
 *	frag 9 0-1480       bytes 0 to 1479 of what follows the IP header; 1480-: the rest. Of the
 *	                    datagram with identification 9
 *
 * then the packet itself:
 *
 *	udp 10.0.0.1:5060 > 10.0.0.2:5060
 *	tcp [fd00::1]:80 > [fd00::2]:4000 syn ack seq 100 acks 7
 *	icmp 10.0.0.1 > 10.0.0.2 type 8 id 77       ICMPv6 between IPv6 addresses
 *	icmp 10.0.0.1 > 10.0.0.2 type 3 about udp … an error that quotes the packet that follows
 *	ip 132 10.0.0.1 > 10.0.0.2                  any other protocol, by number
 *	ether 0x0806                                no IP at all
 *
 * then what it carries, and what happened to it on the way:
 *
 *	rtp 17 | ssrc 5 | pt 8 | rtcp | stun | size 300
 *	cut 30              only so many bytes of the frame arrive
 *	ip[0]=0x44 l4[4]=9 frame[12]=8              a byte is changed, checksums are not
 *
 * All lengths and checksums are right but for the last two. `about` takes all the words after it.
 */
#ifndef TESTS_CORPUS_WORDS_H
#define TESTS_CORPUS_WORDS_H

#include "lib/frame.h"

#define WORDS_WRONG 64

/* -EINVAL: the words make no packet; ret_wrong (of WORDS_WRONG bytes) is the one that does not. */
int words_build(const char *words, struct frame_bytes *ret_frame, char *ret_wrong);

#endif
