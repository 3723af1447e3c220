/* SPDX-License-Identifier: GPL-2.0 */
/* The catalogue for people and for programs. `list` is NULL-terminated, as `models` is. */
#ifndef USER_REPORT_RENDER_MODELS_H
#define USER_REPORT_RENDER_MODELS_H

#include <stdio.h>

#include "catalogue/catalogue.h"

/* A line a model. Returns 0 or -ENOMEM. */
int render_models_text(FILE *out, const struct model *const *list);
/* One model with its services, their sections of the document, and what was decided where it is
 * open. Returns 0 or -ENOMEM. */
int render_model_text(FILE *out, const struct model *model);
/* The array that INTERFACE names, one object a model. Ports that the configuration must say are
 * null. */
void render_models_json(FILE *out, const struct model *const *list);

#endif
