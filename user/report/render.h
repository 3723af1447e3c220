/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A snapshot for people, programs and Prometheus. Pure: a stream in, text out. Each returns 0 or
 * -ENOMEM; whether the stream took it, its owner asks with ferror().
 */
#ifndef USER_REPORT_RENDER_H
#define USER_REPORT_RENDER_H

#include <stdio.h>

#include "report/snapshot.h"

/*
 * `seconds` > 0: the snapshot holds differences over that time (snapshot_since), and tables show
 * rates a second.
 */
int render_stats_text(FILE *out, const struct snapshot *snapshot, double seconds);

/*
 * One document, or one line of `stats --watch`:
 * {"generation":7,"time":1741010709.250,"loaded":…,"first_loaded":…,"mode":"enforce|monitor",
 *  "config":"/etc/…","version":"…",
 *  "devices":[{"device":"pbx","model":"es-pure-ip-x-it",
 *    "services":[{"service":"rtp","class":"voice",
 *      "in":{"pass":{"packets":n,"bytes":n},"drop":{"packets":n,"bytes":n}},"out":{…},
 *      "remarked":n,"dscp":46|null,"bleached":n}],
 *    "drops":{"not-listed":n},                       only reasons that occurred
 *    "voice":{"in":{"arrived":{"ef":n,"cs0":n,"other":n},"left":{…},
 *      "rtp":{"packets":n,"lost":n,"duplicates":n,"reordered":n}},"out":{…}}}],   or null
 *  "drops":{"not-listed":n,…},                       every reason, over all devices
 *  "flows":{"voice":n,…}}                            live
 * A service that was marked otherwise before appears once for each DSCP.
 * Packets without a device stand in the device "". With `rates` (differences over `seconds`), each
 * {"packets","bytes"} also has "packets_per_s" and "bytes_per_s", the document "interval_s" and
 * "drops_per_s"; all counts stay totals.
 */
int render_stats_json(FILE *out, const struct snapshot *snapshot, const struct snapshot *rates,
		      double seconds);

/* What is being dropped: by device and reason. JSON: {"drops":[{"device","model","reason",
 * "packets"}]}. */
int render_drops_text(FILE *out, const struct snapshot *snapshot);
int render_drops_json(FILE *out, const struct snapshot *snapshot);

int render_status_text(FILE *out, const struct snapshot *snapshot);
/*
 * {"loaded":true,"generation":n,"version","config","mode","time","loaded_at","first_loaded_at",
 *  "interfaces":[{"interface","role","xdp","tc","present":bool}],
 *  "programs":[{"program","id","verified_instructions":n|null,"jited_bytes","runs","ns_per_run"|null}],
 *  "maps":[{"map","entries","capacity","memory_bytes"}],"memory_bytes":n,
 *  "flows":{"voice":n,…},"flow_entries":n,"flow_capacity":n,"one_way":n,
 *  "daemon":null|{…}} (report/daemon_state.h)
 */
int render_status_json(FILE *out, const struct snapshot *snapshot);

/* All of INTERFACE, "Metrics", in Prometheus' text format 0.0.4. */
int render_prometheus(FILE *out, const struct snapshot *snapshot);

#endif
