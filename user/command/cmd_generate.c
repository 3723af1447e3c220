/* SPDX-License-Identifier: GPL-2.0 */
/* generate: the configured policy in the words of others, Windows and nftables. Prints text. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"
#include "command/quote.h"
#include "config/config.h"
#include "policy/generate.h"

#define GENERATE_TICK_NS 1000000 /* idle times come out in whole seconds */

static int render_nft(FILE *out, const void *policy)
{
	return generate_nft(policy, out);
}

static int render_gpo(FILE *out, const void *policy)
{
	return generate_gpo(policy, out);
}

static int generate(const char *what, const struct policy *policy, bool json)
{
	int (*render)(FILE *, const void *) = strcmp(what, "gpo") ? render_nft : render_gpo;
	int err = json ? quote(what, render, policy) : render(stdout, policy);

	if (err == -ENOENT)
		return fail(0,
			    "generate gpo: the site has no telephone system that VISOfon could "
			    "send to; write a [device NAME] whose model is one (agfeoctl models)");
	return err ? fail(err, "generate %s", what) : 0;
}

static int run(const struct context *context, int argc, char **argv)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(site_freep) struct site *site = NULL;

	if (options_take(&command_generate, NULL, argc, argv, 1, 1) < 0)
		return EXIT_USAGE;
	if (strcmp(argv[1], "gpo") && strcmp(argv[1], "nft")) {
		fail(0, "generate: there is no '%s': write gpo (Windows) or nft (nftables)",
		     argv[1]);
		return EXIT_USAGE;
	}
	if (config_read(context->config, stderr, &site) ||
	    policy_compile(site, context->config, GENERATE_TICK_NS, stderr, &policy) ||
	    generate(argv[1], policy, context->json))
		return EXIT_FAILED;
	if (fflush(stdout) || ferror(stdout)) {
		fail(errno, "generate: standard output");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

const struct command command_generate = {
	.name = "generate",
	.run = run,
	.arguments = "gpo|nft",
	.help = "Windows QoS policies for VISOfon, or the allow-list as an nftables ruleset",
	.notes = "gpo prints PowerShell for an administrator of Windows; nft prints a ruleset for "
		 "nft -f,\nfor a box without XDP. Both say in their first lines what to check. "
		 "Nothing is changed here.",
};
