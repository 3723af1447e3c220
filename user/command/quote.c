/* SPDX-License-Identifier: GPL-2.0 */
/* Another program's text inside a document; see quote.h. */
#include "command/quote.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "report/json.h"

int quote(const char *format, int (*render)(FILE *out, const void *what), const void *what)
{
	_cleanup_(freep) char *text = NULL;
	struct json json = {.out = stdout};
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int err = stream ? render(stream, what) : -ENOMEM;

	if (stream && fclose(stream) && !err)
		err = -ENOMEM;
	if (err)
		return err;
	json_open(&json, NULL);
	json_string(&json, "format", format);
	json_string(&json, "text", text);
	json_close(&json);
	json_end(&json);
	return 0;
}
