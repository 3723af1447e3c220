/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which model a host most likely is: what it was seen to do is weighed by what each model's line in
 * the catalogue would have it do. A port that only few products have weighs more.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/discovery.h"

#define MOST_MODELS 64
#define WIDE_RANGE  1000
#define LIKELY	    25 /* less says nothing */
#define NEAR	    8  /* of the best: could be it as well */

/* Preset by the telephone system (document, 2.1.1): the only narrow ports that VISOfon has. */
#define VISOFON_SIP	  60104
#define VISOFON_RTP_FIRST 65100
#define VISOFON_RTP_LAST  65120

enum weight {
	WEIGHT_NAMED = 200,	/* it says so itself */
	WEIGHT_DISCOVERY = 100, /* it answers the AGFEO tool where only this product does */
	WEIGHT_SEARCH = 60,
	WEIGHT_OWN_PORT = 40, /* ASIP */
	WEIGHT_TAPI = 35,
	WEIGHT_RTP = 30,
	WEIGHT_RANGE = 25, /* SIP client */
	WEIGHT_COMMON = 5, /* 5060, and AGFEO's OUI */
	WEIGHT_LITTLE = 2,
};

struct evidence {
	const struct found *found;
	const struct host *const *hosts;
	size_t count;
};

/* Writes why, when asked to. */
static void reason(struct found *sink, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void reason(struct found *sink, const char *format, ...)
{
	va_list arguments;

	if (!sink || sink->reason_count == FOUND_REASONS)
		return;
	va_start(arguments, format);
	vsnprintf(sink->reasons[sink->reason_count++], sizeof(sink->reasons[0]), format, arguments);
	va_end(arguments);
}

/* ------------------------------------------------------------------ what it says itself */

/* Over the text's small letters and digits alone. */
static const struct {
	const char *pattern, *id;
} patterns[] = {
	{"*hypervoice*", "hypervoice"},
	{"*hyperfonie*", "hyperfonie"},
	{"*pureip*", "es-pure-ip-x-it"},
	{"*es22*", "es-22-x-it"},
	{"*es51[0-9]*", "es-51x"},
	{"*es52[0-9]*", "es-52x"},
	{"*es54[0-9]*", "es-54x"},
	{"*es5[0-9][0-9]*up*", "es-5xx-up"},
	{"*es6[0-9][0-9]*", "es-6xx"},
	{"*es730*", "es-730-it"},
	{"*es770*", "es-770-it"},
	{"*es7[0-9][0-9]*plus*", "es-7xx-it-plus"},
	{"*homeserver*", "tk-homeserver"},
	{"*lm508*", "lm-508"},
	{"*lm509*", "lm-509"},
	{"*lm510*", "lm-510"},
	{"*ip700*", "ip700"},
	{"*smartconnect*", "scb"},
	{"*t14*", "t14-sip"},
	{"*t17*", "t17-sip"},
	{"*dectip*", "dect-ip"},
	{"*visofon*", "visofon"},
	{"*video*tfe*", "ip-video-tfe"},
	{"*st[0-9][0-9]ip*", "asip"},
};

static void compact(const char *text, char *plain, size_t size)
{
	size_t at = 0;

	for (; *text && at + 1 < size; text++)
		if (isalnum((unsigned char)*text))
			plain[at++] = (char)tolower((unsigned char)*text);
	plain[at] = 0;
}

/* Only words of an AGFEO device count: others have a "T14" too. */
static int weigh_text(const struct model *model, const char *what, const char *text, bool agfeo,
		      struct found *sink)
{
	char plain[DISCOVERY_TEXT];

	compact(text, plain, sizeof(plain));
	if (!agfeo && !strstr(plain, "agfeo"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (strcmp(patterns[i].id, model->id) || fnmatch(patterns[i].pattern, plain, 0))
			continue;
		reason(sink, "%s: \"%s\"", what, text);
		return WEIGHT_NAMED + (int)strlen(patterns[i].pattern);
	}
	return 0;
}

/* ------------------------------------------------------------------ what it does */

static unsigned width_of(struct port_range ports)
{
	return ports.last - ports.first + 1u;
}

static int weight_of(const struct service *service, enum port_use use)
{
	switch (service->class) {
	case AGFEO_CLASS_DISCOVERY:
		return WEIGHT_DISCOVERY;
	case AGFEO_CLASS_SIGNALLING:
		if (service->protocol == AGFEO_TCP)
			return WEIGHT_OWN_PORT;
		if (use != USE_SIP)
			return 0;
		return width_of(service->ports) > 1 ? WEIGHT_RANGE : WEIGHT_COMMON;
	case AGFEO_CLASS_MANAGEMENT:
		return !strcmp(service->name, "tapi") ? WEIGHT_RANGE : WEIGHT_LITTLE;
	case AGFEO_CLASS_VOICE: /* by RTP's own rule */
	case AGFEO_CLASS_INFRASTRUCTURE:
	case AGFEO_CLASS_CLOUD:
	case AGFEO_CLASS_COUNT:
		break;
	}
	return 0;
}

static const char *use_text(const struct service *service)
{
	if (service->class == AGFEO_CLASS_DISCOVERY)
		return "answers the AGFEO tool from";
	return service->protocol == AGFEO_TCP ? "speaks from tcp" : "speaks SIP from";
}

static int weigh_port(const struct model *model, const struct seen_port *seen, struct found *sink)
{
	const struct service *best = NULL;
	int most = 0;

	for (const struct service *const *at = model->services; *at; at++) {
		const struct service *service = *at;
		int weight = weight_of(service, seen->use);

		if (service->side != AGFEO_LOCAL || service->protocol != seen->protocol ||
		    seen->port < service->ports.first || seen->port > service->ports.last ||
		    width_of(service->ports) >= WIDE_RANGE || weight <= most)
			continue;
		most = weight;
		best = service;
	}
	if (!strcmp(model->id, "visofon") && seen->use == USE_SIP && seen->port == VISOFON_SIP) {
		reason(sink, "speaks SIP from port %u, as the system presets it (2.1.1)",
		       seen->port);
		return WEIGHT_OWN_PORT;
	}
	if (best && most >= WEIGHT_COMMON)
		reason(sink, "%s port %u, its %s (%s)", use_text(best), seen->port, best->name,
		       best->source);
	return most;
}

static int logarithm(unsigned number)
{
	int bits = 0;

	while (number >>= 1)
		bits++;
	return bits;
}

static bool lies_in(const struct found *found, unsigned first, unsigned last)
{
	return found->rtp_first >= first && found->rtp_last <= last;
}

/* RTP from elsewhere speaks against a model as much as RTP from its range for it; the narrower the
 * range, the more. */
static int weigh_rtp(const struct model *model, const struct found *found, struct found *sink)
{
	const struct service *voice = NULL;

	if (!found->rtp_first)
		return 0;
	if (!strcmp(model->id, "visofon") && lies_in(found, VISOFON_RTP_FIRST, VISOFON_RTP_LAST)) {
		reason(sink, "RTP from ports %u to %u, as the system presets them (2.1.1)",
		       found->rtp_first, found->rtp_last);
		return WEIGHT_RTP + 5;
	}
	for (const struct service *const *at = model->services; *at; at++)
		if ((*at)->class == AGFEO_CLASS_VOICE)
			voice = *at;
	if (voice && !voice->ports.first)
		return 0; /* any */
	if (!voice || !lies_in(found, voice->ports.first, voice->ports.last))
		return -WEIGHT_NAMED / 2;
	if (width_of(voice->ports) >= WIDE_RANGE)
		return WEIGHT_LITTLE;
	reason(sink, "RTP from ports %u to %u, in %u-%u (%s)", found->rtp_first, found->rtp_last,
	       voice->ports.first, voice->ports.last, voice->source);
	return (width_of(voice->ports) == 1 ? WEIGHT_OWN_PORT : WEIGHT_RTP) + 10 -
	       logarithm(width_of(voice->ports));
}

static int weigh_host(const struct model *model, const struct host *host, struct found *sink)
{
	int weight = 0;

	for (size_t i = 0; i < host->port_count; i++)
		weight += weigh_port(model, &host->ports[i], sink);
	if (host->searched && !strcmp(model->id, "werkzeug")) {
		reason(sink, "searches for products at port %u (3.0)", host->searched);
		weight += WEIGHT_SEARCH;
	}
	if (host->tapi && !strcmp(model->id, "tapi-client")) {
		reason(sink, "speaks to port 3232, the TAPI server (3.0)");
		weight += WEIGHT_TAPI;
	}
	return weight;
}

/* AGFEO's own MAC is on hardware; software runs on anybody's. */
static int weigh_mac(const struct model *model, const struct found *found)
{
	bool hardware = model->kind != KIND_SOFTWARE && model->kind != KIND_SOFTPHONE;

	if (!found->has_mac)
		return 0;
	return hardware == found->agfeo ? WEIGHT_COMMON : -WEIGHT_COMMON;
}

static int weigh(const struct model *model, const struct evidence *evidence, struct found *sink)
{
	const struct found *found = evidence->found;
	int weight =
		weigh_text(model, "SIP User-Agent or Server", found->agent, found->agfeo, sink);

	weight += weigh_text(model, "DHCP vendor class", found->vendor, found->agfeo, sink);
	weight += weigh_text(model, "DHCP host name", found->name, found->agfeo, sink);
	for (size_t i = 0; i < evidence->count; i++)
		weight += weigh_host(model, evidence->hosts[i], sink);
	weight += weigh_rtp(model, found, sink);
	return weight + weigh_mac(model, found);
}

/* Its SIP port is seen, and no RTP from outside the preset range. */
static bool is_preset(const struct evidence *evidence)
{
	bool sip = false;

	for (size_t i = 0; i < evidence->count; i++)
		for (size_t j = 0; j < evidence->hosts[i]->port_count; j++)
			sip |= evidence->hosts[i]->ports[j].port == VISOFON_SIP &&
			       evidence->hosts[i]->ports[j].use == USE_SIP;
	return sip && (!evidence->found->rtp_first ||
		       lies_in(evidence->found, VISOFON_RTP_FIRST, VISOFON_RTP_LAST));
}

void discovery_guess(struct found *found, const struct host *const *hosts, size_t count)
{
	const struct evidence evidence = {found, hosts, count};
	int weights[MOST_MODELS] = {0};
	int best = LIKELY - 1;

	for (size_t i = 0; i < MOST_MODELS && models[i]; i++) {
		weights[i] = weigh(models[i], &evidence, NULL);
		if (weights[i] > best) {
			best = weights[i];
			found->model = models[i];
		}
	}
	if (found->agfeo)
		reason(found, "its MAC is AGFEO's (00:09:40)");
	if (!found->model)
		return;
	weigh(found->model, &evidence, found);
	found->preset = !strcmp(found->model->id, "visofon") && is_preset(&evidence);
	for (size_t i = 0; i < MOST_MODELS && models[i]; i++)
		if (models[i] != found->model && weights[i] >= best - NEAR &&
		    weights[i] >= LIKELY && found->also_count < FOUND_ALSO)
			found->also[found->also_count++] = models[i];
}
