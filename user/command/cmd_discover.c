/* SPDX-License-Identifier: GPL-2.0 */
/* discover: who speaks in the voice network, and the sections of the configuration for them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "config/config.h"
#include "kernel/listen.h"
#include "report/discovery.h"

#define SECONDS_DEFAULT 30
#define SECONDS_MOST	86400

struct wish {
	const char *interface; /* NULL: the voice interfaces */
	const char *file;      /* NULL: listen */
	unsigned seconds;
	bool ask;
};

/* ------------------------------------------------------------------ what is configured */

static bool is_configured(const void *context, const struct address *address,
			  const struct mac_address *mac)
{
	const struct site *site = context;

	if (site_find_device(site, address))
		return true;
	for (size_t i = 0; mac && i < site->device_count; i++)
		if (site->devices[i].has_mac && !memcmp(&site->devices[i].mac, mac, sizeof(*mac)))
			return true;
	return false;
}

/*
 * A first configuration is often written from what is found: none, or one without a device yet, is no
 * error. Of one with errors nothing is left out, which is said.
 */
static struct site *read_site(const char *path)
{
	_cleanup_(freep) char *errors = NULL;
	struct site *site = NULL;
	size_t size;
	FILE *stream;

	if (access(path, F_OK))
		return NULL;
	stream = open_memstream(&errors, &size);
	if (!stream)
		return NULL;
	if (config_read(path, stream, &site))
		warn("%s has errors ('agfeoctl check' tells them): nothing counts as configured",
		     path);
	fclose(stream);
	return site;
}

/* ------------------------------------------------------------------ where it comes from */

static int read_capture(const char *path, struct discovery *discovery)
{
	_cleanup_(packet_source_freep) struct packet_source *source = NULL;
	struct captured packet;
	int more = packet_source_open(path, &source);

	if (more)
		return more;
	while ((more = packet_source_next(source, &packet)) > 0)
		discovery_learn(discovery, packet_source_framing(source), packet.bytes,
				packet.kept);
	return more;
}

static size_t voice_interfaces(const struct site *site, const char **names)
{
	size_t count = 0;

	for (size_t i = 0; i < site->interface_count; i++)
		if (site->interfaces[i].role == AGFEO_ROLE_VOICE)
			names[count++] = site->interfaces[i].name;
	return count;
}

static int listen_to(const struct wish *wish, const struct site *site, struct discovery *discovery)
{
	_cleanup_(freep) const char **names =
		calloc((site ? site->interface_count : 0) + 1, sizeof(*names));
	size_t count = 1;
	int err;

	if (!names)
		return fail(ENOMEM, "discover");
	names[0] = wish->interface;
	if (!wish->interface)
		count = site ? voice_interfaces(site, names) : 0;
	if (!count)
		return fail(0, "discover: no configuration names an interface with role = voice: "
			       "say which by --interface IF");
	note("discover: listening for %u s, sending nothing", wish->seconds);
	err = listen_on(names, count, wish->seconds, discovery);
	return err ? err : listen_neighbours(names, count, discovery);
}

static int run_wish(const struct context *context, const struct wish *wish)
{
	_cleanup_(site_freep) struct site *site = read_site(context->config);
	_cleanup_(discovery_freep) struct discovery *discovery =
		discovery_new(site ? site->networks : NULL, site ? site->network_count : 0);
	const struct known known = {is_configured, site};
	struct findings findings;
	int err;

	if (!discovery)
		return fail(ENOMEM, "discover");
	err = wish->file ? read_capture(wish->file, discovery) : listen_to(wish, site, discovery);
	if (!err)
		err = discovery_conclude(discovery, site ? &known : NULL, &findings);
	if (err)
		return err;
	err = context->json ? render_discovery_json(stdout, &findings)
			    : render_discovery_text(stdout, &findings);
	findings_free(&findings);
	return err;
}

/* ------------------------------------------------------------------ the line */

static int check_wish(const struct wish *wish)
{
	if (wish->ask) {
		fail(0, "discover: --ask is not possible: the protocol of the vendor's search (UDP "
			"12172 to 12192) is not published; without it nothing is sent: start the "
			"AGFEO tool's search, or a telephone, while this listens");
		return EXIT_FAILED;
	}
	if (wish->file && wish->interface) {
		fail(0, "discover: a capture is read or an interface listened on, not both");
		return EXIT_USAGE;
	}
	if (!wish->seconds || wish->seconds > SECONDS_MOST) {
		fail(0, "discover: --seconds wants 1 to %d", SECONDS_MOST);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int run(const struct context *context, int argc, char **argv)
{
	struct wish wish = {.seconds = SECONDS_DEFAULT};
	const struct option_row rows[] = {
		{"--interface", OPTION_TEXT, &wish.interface, "IF",
		 "listen there [interfaces with role = voice]"},
		{"--seconds", OPTION_NUMBER, &wish.seconds, "N", "how long [30]; ^C ends it early"},
		{"--ask", OPTION_FLAG, &wish.ask, NULL,
		 "refused: the vendor's search protocol is not published"},
		{0},
	};
	int words = options_take(&command_discover, rows, argc, argv, 0, 1);
	int status;

	if (words < 0)
		return EXIT_USAGE;
	wish.file = words ? argv[1] : NULL;
	status = check_wish(&wish);
	if (status != EXIT_DONE)
		return status;
	return run_wish(context, &wish) ? EXIT_FAILED : EXIT_DONE;
}

const struct command command_discover = {
	.name = "discover",
	.run = run,
	.arguments = "[FILE.pcap]",
	.help = "find AGFEO devices by what they say and print the sections to paste",
	.notes = "It listens and sends nothing, or reads a capture. Devices are known by AGFEO's "
		 "MACs "
		 "(00:09:40), the\nports that only they use, DHCP, and SIP's User-Agent. What is "
		 "configured already is left out. What\nXDP drops (unknown = drop) is not heard. "
		 "An unused telephone speaks once a registration: give it\ntime, or restart it.",
};
