/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls as captures, made by rule: each scene is what a sender sent and what the network did to it.
 * The same scene is the same capture, bit by bit, wherever it is made; what was done to it is known.
 */
#ifndef TESTS_VOICE_SCENE_H
#define TESTS_VOICE_SCENE_H

#include <agfeo/encodings.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where ours deliberately says something else than tshark; tests/voice/README.md gives the reasons. */
enum difference {
	DIFFERS_NOT = 0,
	DIFFERS_COPIES = 1 << 0,  /* tshark: a copy makes up for a loss */
	DIFFERS_LAST = 1 << 1,	  /* 4.0: the packet that arrived last ends the sequence */
	DIFFERS_FIRST = 1 << 2,	  /* 4.0: the packet that arrived first begins it */
	DIFFERS_WEIGHT = 1 << 3,  /* mean: excused packets still weigh in tshark's */
	DIFFERS_EVENTS = 1 << 4,  /* tshark: telephone events disturb the jitter */
	DIFFERS_RESTART = 1 << 5, /* tshark: a restart is loss and jitter */
	DIFFERS_CLOCK = 1 << 6,	  /* tshark: no clock of a dynamic payload type */
	DIFFERS_JUMP = 1 << 7,	  /* tshark: a pause of the sender's clock is jitter */
	DIFFERS_LATE = 1 << 8,	  /* 4.4: late packets are excused, and time does not pass */
};

struct scene {
	const char *name;
	unsigned packets;
	unsigned ptime_ms;
	uint8_t payload_type;
	uint8_t twin;	/* of a type in scene_given: the static one that it stands for */
	unsigned clock; /* of the timestamps, Hz */
	size_t size;	/* of the payload */
	uint16_t first_sequence;
	uint32_t first_timestamp;
	unsigned jitter_us;  /* each packet is up to so much late */
	unsigned calm_until; /* … from this one on */

	/* What the network does; `every` 0: nothing. */
	unsigned lose_every, lose_run; /* runs of loss */
	unsigned copy_every;
	unsigned late_every, late_by; /* places */
	unsigned swap_first;	      /* the first arrives this many places late */
	unsigned hurry_last;	      /* the last arrives this many places early */

	/* What the sender does. */
	unsigned spurt_every; /* talks so many packets, then is silent for as long; marker */
	unsigned noise_every; /* the same, and says so by a packet of comfort noise */
	unsigned dial_every;  /* ten packets of telephone event */
	unsigned hold_at;     /* 20 s in which its clock stands still */
	unsigned ssrc_at;     /* another SSRC from this packet on */
	unsigned restart_at;  /* another sequence and timestamp */
	unsigned type_at;     /* PCMU from this packet on */
	unsigned differs;     /* enum difference */
};

/* What was done, counted while it was done. */
struct truth {
	unsigned packets; /* that arrived, copies included */
	unsigned lost, copies, late, events, noise, segments;
	unsigned before_first; /* packets sent before the one that arrived first */
	unsigned after_last;   /* and after the one that arrived last */
};

/* `payload-types` that the scenes are measured with: 97 PCMA, 98 L16/44100. */
extern const struct agfeo_payload_types scene_given;

extern const struct scene scenes[];
extern const size_t scene_count;

/* Writes the capture. 0 or a negative errno. */
int scene_write(const struct scene *scene, const char *path, struct truth *ret_truth);

#define SCENE_PORT 5204 /* of the sender, an ES PURE IP X IT; the receiver has 5206 */

#endif
