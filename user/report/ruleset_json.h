/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Members of nft's JSON, of whatever type they turn out to be: what is not there, or is not of the
 * type that is asked for, is NULL, "", 0 or false.
 */
#ifndef USER_REPORT_RULESET_JSON_H
#define USER_REPORT_RULESET_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

static inline struct json_object *member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	json_object_object_get_ex(object, name, &value);
	return value;
}

/* NULL: it is no text. */
static inline const char *text_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static inline const char *text_member(struct json_object *object, const char *name)
{
	const char *text = text_of(member(object, name));

	return text ? text : "";
}

static inline size_t length_of(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static inline struct json_object *item(struct json_object *array, size_t index)
{
	return index < length_of(array) ? json_object_array_get_idx(array, index) : NULL;
}

/* False, and *ret_number untouched, when it is no number from 0 to `most`. */
static inline bool number_of(struct json_object *value, int64_t most, int64_t *ret_number)
{
	int64_t number;

	if (!json_object_is_type(value, json_type_int))
		return false;
	number = json_object_get_int64(value);
	if (number < 0 || number > most)
		return false;
	*ret_number = number;
	return true;
}

/* An element with a timeout, comment or counter stands wrapped. */
static inline struct json_object *unwrap(struct json_object *element)
{
	struct json_object *inner = member(member(element, "elem"), "val");

	return inner ? inner : element;
}

#endif
