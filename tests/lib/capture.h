/* SPDX-License-Identifier: GPL-2.0 */
/* Writes frames as a pcap file with nanoseconds: to reproduce a test's packets elsewhere. */
#ifndef TESTS_LIB_CAPTURE_H
#define TESTS_LIB_CAPTURE_H

#include <stdio.h>

#include "frame.h"

/* NULL when the file cannot be made. All frames of a capture have the same link. */
FILE *capture_open(const char *path, enum frame_link link);
void capture_write(FILE *capture, uint64_t time_ns, const struct frame_bytes *frame);
/* 0, or the negative errno of a write that failed. */
int capture_close(FILE *capture);

#endif
