/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window of a stream moves on by many numbers at once, by bit arithmetic: the same as that many
 * agfeo_window_shift(), without the loop. A verifier walks a loop of 63 rounds anew from every place
 * that leads to it: that was two fifths of all that it looked at, and three quarters on 5.10.
 * Pure, and free of branches.
 */
#ifndef BPF_WINDOW_H
#define BPF_WINDOW_H

#include <agfeo/stream.h>

#include "kernel.h"

static __always_inline __u32 bits_count(__u64 bits)
{
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return bits * 0x0101010101010101 >> 56;
}

/* Ones at the upper end, before the first zero. */
static __always_inline __u32 bits_leading(__u64 bits)
{
	__u64 below = ~bits;

	for (__u32 reach = 1; reach < 64; reach *= 2)
		below |= below >> reach;
	return bits_count(~below);
}

static __always_inline __u32 bits_trailing(__u64 bits)
{
	return bits_count(bits & ~(bits + 1));
}

/* 1 where any bit is set. Arithmetic that stays it: each branch would double the ways through. */
static __always_inline __u64 bits_any(__u64 bits)
{
	bits |= -bits;
	barrier_var(bits);
	return bits >> 63;
}

/* *tops: where runs of `length` ones have their uppermost bit. Longer by `more`, if any goes on so. */
static __always_inline __u32 bits_lengthen(__u64 *tops, __u32 length, __u64 tops_of_more,
					   __u32 more)
{
	__u64 longer = *tops & tops_of_more << length;
	__u64 found = bits_any(longer);

	*tops = longer | (*tops & (found - 1));
	return length + found * more;
}

/* Length of the longest run of ones; of 63 at most, which is all that leaves a window. */
static __always_inline __u32 bits_longest(__u64 bits)
{
	__u64 of2 = bits & bits << 1, of4 = of2 & of2 << 2, of8 = of4 & of4 << 4;
	__u64 of16 = of8 & of8 << 8, of32 = of16 & of16 << 16, tops = ~0ULL;
	__u32 length = bits_lengthen(&tops, 0, of32, 32);

	length = bits_lengthen(&tops, length, of16, 16);
	length = bits_lengthen(&tops, length, of8, 8);
	length = bits_lengthen(&tops, length, of4, 4);
	length = bits_lengthen(&tops, length, of2, 2);
	return bits_lengthen(&tops, length, bits, 1);
}

/* ahead: AGFEO_STREAM_WINDOW at most. Returns the window as it is then. */
static __always_inline __u64 window_move(__u64 window, __u32 ahead, struct agfeo_gaps *gaps)
{
	__u64 holes = ~(window << 1) & ~(~0ULL >> (ahead & 63)); /* that leave, the first on top */
	__u64 goes_on = ~window >> AGFEO_STREAM_WINDOW;		 /* 1: what left last was a hole */
	__u64 continued = holes >> 1 | goes_on << AGFEO_STREAM_WINDOW;
	__u32 before = gaps->run * goes_on, first = before + bits_leading(holes);
	__u32 inside = bits_longest(holes);
	__u32 last = bits_trailing(holes >> 1 >> ((63 - ahead) & 63));
	__u64 all = 1 - bits_any(last ^ ahead); /* nothing but holes left */

	gaps->lost += bits_count(holes);
	gaps->gaps += bits_count(holes & ~continued);
	gaps->run = last + before * all;
	if (first > gaps->longest)
		gaps->longest = first;
	if (inside > gaps->longest)
		gaps->longest = inside;
	return window << (ahead & 63);
}

#endif
