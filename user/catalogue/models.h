/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the files of the catalogue's data only: the list of models and the words its rows are
 * written in. A row of the document is one `struct service`; models share rows by pointer, so that
 * a line of the document stands once.
 */
#ifndef USER_CATALOGUE_MODELS_H
#define USER_CATALOGUE_MODELS_H

#include "catalogue/catalogue.h"

/* The order is that of the public list of model ids. */
/* clang-format off */
#define MODELS(X)                                                                       \
	X(es_51x) X(es_52x) X(es_5xx_up) X(es_54x) X(es_6xx) X(es_730_it) X(es_770_it)  \
	X(es_7xx_it_plus) X(es_22_x_it) X(es_pure_ip_x_it) X(hypervoice) X(hyperfonie)  \
	X(tk_homeserver) X(lm_508) X(lm_509) X(lm_510) X(ip700) X(scb)                  \
	X(t14_sip) X(t17_sip) X(dect_ip) X(visofon) X(ip_video_tfe) X(asip)             \
	X(dashboard_app) X(dashboard_pc) X(tapi_client) X(werkzeug) X(headset_tool)

#define X(name) extern const struct model model_##name;
MODELS(X)
#undef X

#define UDP(from, to) .protocol = AGFEO_UDP, .ports = {from, to}
#define TCP(from, to) .protocol = AGFEO_TCP, .ports = {from, to}

/* Whose port, and who opens. "Eingehend" and "initial nur eingehend" are IN: the flow is two-way
 * once it is open. */
#define LOCAL_IN   .side = AGFEO_LOCAL,  .direction = AGFEO_IN
#define LOCAL_OUT  .side = AGFEO_LOCAL,  .direction = AGFEO_OUT
#define LOCAL_BOTH .side = AGFEO_LOCAL,  .direction = AGFEO_BOTH
#define REMOTE_OUT .side = AGFEO_REMOTE, .direction = AGFEO_OUT

#define VOICE          .class = AGFEO_CLASS_VOICE
#define SIGNALLING     .class = AGFEO_CLASS_SIGNALLING
#define MANAGEMENT     .class = AGFEO_CLASS_MANAGEMENT
#define INFRASTRUCTURE .class = AGFEO_CLASS_INFRASTRUCTURE
#define DISCOVERY      .class = AGFEO_CLASS_DISCOVERY
#define CLOUD          .class = AGFEO_CLASS_CLOUD, .scope = SCOPE_CLOUD

#define SITE     .scope = SCOPE_SITE
#define PROVIDER .scope = SCOPE_PROVIDER
#define ANY      .scope = SCOPE_ANY
/* clang-format on */

/* Rows of section 3.0 that more than one kind of product needs: to the tool's syslog server, and to
 * the tool while it records a trace. In models.c. */
extern const struct service syslog_out;
extern const struct service trace_out_udp, trace_out_tcp;

#endif
