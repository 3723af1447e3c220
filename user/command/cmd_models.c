/* SPDX-License-Identifier: GPL-2.0 */
/* `agfeoctl models [ID]`: the catalogue, or one model of it. */
#include <stdio.h>

#include "base/log.h"
#include "catalogue/catalogue.h"
#include "command/command.h"
#include "report/render_models.h"

static int print_all(bool json)
{
	int err;

	if (json) {
		render_models_json(stdout, models);
		return EXIT_DONE;
	}
	err = render_models_text(stdout, models);
	if (err) {
		fail(err, "models");
		return EXIT_FAILED;
	}
	printf("\nMore on one with 'agfeoctl models ID'.\n");
	return EXIT_DONE;
}

static int print_one(const char *id, bool json)
{
	const struct model *const list[] = {model_find(id), NULL};
	int err;

	if (!list[0]) {
		fail(0,
		     "models: there is no model '%s': did you mean '%s'? 'agfeoctl models' "
		     "lists all",
		     id, model_nearest(id));
		return EXIT_FAILED;
	}
	if (json) {
		render_models_json(stdout, list);
		return EXIT_DONE;
	}
	err = render_model_text(stdout, list[0]);
	if (err) {
		fail(err, "model '%s'", id);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static int run(const struct context *context, int argc, char **argv)
{
	int count = options_take(&command_models, NULL, argc, argv, 0, 1);

	if (count < 0)
		return EXIT_USAGE;
	return count ? print_one(argv[1], context->json) : print_all(context->json);
}

const struct command command_models = {
	.name = "models",
	.run = run,
	.arguments = "[ID]",
	.help = "the catalogue of AGFEO products, or one with its services and their sources",
};
