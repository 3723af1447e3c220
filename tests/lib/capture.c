/* SPDX-License-Identifier: GPL-2.0 */
/* The classic pcap format, in the byte order of this machine. */
#include "capture.h"

#include <errno.h>

#define MAGIC_NANOSECONDS 0xa1b23c4d
#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW	  101

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy;
	uint32_t most; /* bytes kept of a packet */
	uint32_t link;
};

struct packet_header {
	uint32_t seconds, nanoseconds;
	uint32_t kept, length;
};

FILE *capture_open(const char *path, enum frame_link link)
{
	struct file_header header = {
		.magic = MAGIC_NANOSECONDS,
		.major = 2,
		.minor = 4,
		.most = FRAME_MOST,
		.link = link == LINK_ETHERNET ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
	};
	FILE *capture = fopen(path, "wb");

	if (capture)
		fwrite(&header, sizeof(header), 1, capture);
	return capture;
}

void capture_write(FILE *capture, uint64_t time_ns, const struct frame_bytes *frame)
{
	struct packet_header header = {
		.seconds = time_ns / 1000000000,
		.nanoseconds = time_ns % 1000000000,
		.kept = frame->length,
		.length = frame->length,
	};

	fwrite(&header, sizeof(header), 1, capture);
	fwrite(frame->bytes, frame->length, 1, capture);
}

int capture_close(FILE *capture)
{
	int err = ferror(capture) ? -EIO : 0;

	if (fclose(capture) && !err)
		err = -errno;
	return err;
}
