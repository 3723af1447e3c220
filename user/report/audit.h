/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vendor's advice as checks of a box: what was read of the box as plain facts, the rules that
 * judge them, and what they found. Pure; user/kernel/audit.h reads the facts.
 */
#ifndef USER_REPORT_AUDIT_H
#define USER_REPORT_AUDIT_H

#include <agfeo/abi.h>
#include <stdio.h>

#include "report/ruleset.h"

/* ------------------------------------------------------------------ facts */

#define FACT_UNKNOWN (-1)

struct audit_device {
	char name[AGFEO_NAME_SIZE];
	bool pbx;	  /* a telephone system or a module of one */
	bool no_provider; /* its voice ports are open to any host */
	bool monitor;
	const struct prefix *addresses; /* borrowed */
	size_t address_count;
};

#define AUDIT_QDISCS 16
#define AUDIT_STACK  32

struct audit_qdisc {
	char kind[16];
	bool root;
	bool besteffort; /* cake that was told to tell nothing apart */
};

struct audit_interface {
	char name[IFNAMSIZ];
	enum agfeo_role role;
	bool wants_generic;   /* xdp = generic: known and wanted */
	bool present;	      /* the box has it */
	char kind[16];	      /* "vlan", "bridge", "ppp" …; "" is hardware, or anything else */
	char lower[IFNAMSIZ]; /* of a VLAN: what it stands on */
	/* All that it stands on (cards, ports of a bridge), and all that stands on it, by name. */
	char below[AUDIT_STACK][IFNAMSIZ], above[AUDIT_STACK][IFNAMSIZ];
	size_t below_count, above_count;
	char xdp[16]; /* of ours: "native", "generic", "none" */
	unsigned mtu;
	bool in_bridge; /* a port of one */
	bool has_vlans; /* VLAN interfaces stand on it, or its bridge filters by VLAN */
	bool lro, gro_forwarding, gro_list, gro_hardware, vlan_strip, tc_offload;
	struct audit_qdisc qdiscs[AUDIT_QDISCS];
	size_t qdisc_count;
};

/* A node_exporter that runs here. */
struct audit_exporter {
	unsigned pid;
	bool reads_folder; /* the folder of our file is among those it reads */
	bool may_read;	   /* and its user may read the file */
	char folder[256];  /* the first that it reads; "": none */
};

struct audit_facts {
	const char *config; /* path; borrowed */
	bool config_found;
	char config_error[512]; /* first of its errors; "": none */
	unsigned config_mode;	/* permissions */
	unsigned config_owner, config_group;
	uint64_t config_changed_ns; /* CLOCK_REALTIME */

	bool monitor;		       /* of the whole site */
	const struct prefix *networks; /* the site's; borrowed */
	size_t network_count;
	struct audit_device *devices;
	size_t device_count;
	struct audit_interface *interfaces;
	size_t interface_count;

	const char *pin; /* borrowed */
	bool loaded;
	char load_error[512]; /* why that is not known; "": it is */
	uint64_t loaded_ns;
	char loaded_config[256];

	bool sip_module;     /* nf_conntrack_sip is loaded as a module */
	bool sip_built_in;   /* or part of the kernel */
	int64_t auto_helper; /* net.netfilter.nf_conntrack_helper */
	int64_t udp_timeout; /* seconds */
	int64_t udp_timeout_stream;
	int64_t tcp_timeout; /* of established connections */
	int64_t forwarding4;
	int64_t bpf_stats;
	struct ruleset ruleset;
	char ruleset_errors[512]; /* which could not be read, and why */

	const char *textfile; /* borrowed; "" when there is no configuration */
	unsigned interval_seconds;
	bool textfile_found;
	bool textfile_folder; /* its folder is there */
	uint64_t textfile_changed_ns;
	struct audit_exporter *exporters;
	size_t exporter_count;
	uint64_t now_ns; /* CLOCK_REALTIME */
};

void audit_facts_free(struct audit_facts *facts); /* what it owns */

/* ------------------------------------------------------------------ findings */

enum audit_severity { AUDIT_FAULT, AUDIT_WARNING, AUDIT_NOTE };

#define AUDIT_OBJECT 192
#define AUDIT_MEND   768

struct audit_finding {
	const char *id; /* "sip-alg": stable */
	enum audit_severity severity;
	char object[AUDIT_OBJECT];
	char finding[640];
	const char *why; /* with its source */
	char mend[AUDIT_MEND];
};

struct audit {
	struct audit_finding *findings;
	size_t count;
	bool out_of_memory;
};

/* Faults first, then warnings, then notes. Returns 0 or -ENOMEM; audit_free() in any case. */
int audit_judge(const struct audit_facts *facts, struct audit *audit);
void audit_free(struct audit *audit);
size_t audit_faults(const struct audit *audit);

int render_audit_text(FILE *out, const struct audit *audit);
/* {"findings":[{"id","severity":"fault|warning|note","object","finding","why","mend"}]} */
int render_audit_json(FILE *out, const struct audit *audit);

/* ------------------------------------------------------------------ for the rules' files */

/* A new finding with what is fixed about it; the caller fills the texts with find_*(). NULL when
 * there is no memory, which those take. */
struct audit_finding *audit_add(struct audit *audit, const char *id, enum audit_severity severity,
				const char *why);
void find_object(struct audit_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void find_text(struct audit_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void find_mend(struct audit_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void audit_filters(const struct audit_facts *facts, struct audit *audit);
void audit_links(const struct audit_facts *facts, struct audit *audit);
void audit_state(const struct audit_facts *facts, struct audit *audit);

/* Of the vendor's document. */
#define SOURCE_FIREWALL "AGFEO, Informationen für einen Betrieb hinter Firewall-Systemen"
#define SOURCE_SAFETY	"AGFEO, Relevante Sicherheitsbetrachtungen"
#define SOURCE_QOS	"AGFEO, Unterstützung für Quality of Service (QoS)"

#endif
