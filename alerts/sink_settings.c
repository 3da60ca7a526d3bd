/* SPDX-License-Identifier: ISC */
/*
 * Settings told apart, copied and freed, all three by one list of the fields,
 * so that a setting that is added cannot be half known. Should one be missing
 * from the list, `nothing` below does not compile: it names each field by its
 * place.
 *
 * For the fingerprint each field is two parts, whether it is set and what it
 * says: no socket and an empty one are different wishes.
 */
#include "alerts/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* Every field of struct sink_settings, in its order. */
#define SETTINGS(TEXT, STRING, INT, INT64)				\
	TEXT(name)							\
	TEXT(kind)							\
	TEXT(socket)							\
	INT(facility)							\
	TEXT(url)							\
	STRING(secret)							\
	TEXT(format)							\
	INT64(keep_trying_s)						\
	STRING(token)							\
	TEXT(chat)							\
	TEXT(template)							\
	TEXT(content_type)						\
	INT(parallel)							\
	INT64(rate)							\
	INT64(rate_s)							\
	INT64(digest_s)						\
	TEXT(remote)							\
	TEXT(port)							\
	TEXT(transport)							\
	STRING(ca)							\
	STRING(client_cert)						\
	STRING(client_key)						\
	TEXT(journal)							\
	INT64(burst)

enum field_type { FIELD_TEXT, FIELD_STRING, FIELD_INT, FIELD_INT64 };

struct field {
	const char	*name;
	enum field_type	type;
	size_t		offset;
};

#define AT(f)		offsetof(struct sink_settings, f)
#define TEXT_ROW(f)	{ #f, FIELD_TEXT, AT(f) },
#define STRING_ROW(f)	{ #f, FIELD_STRING, AT(f) },
#define INT_ROW(f)	{ #f, FIELD_INT, AT(f) },
#define INT64_ROW(f)	{ #f, FIELD_INT64, AT(f) },

static const struct field fields[] = {
	SETTINGS(TEXT_ROW, STRING_ROW, INT_ROW, INT64_ROW)
};

enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

/*
 * Fingerprints are kept in stores, and one that changes switches its sink on
 * again. So the fields of the first version count always, as they did then, and
 * those that came later, with their names, only where they are set.
 */
enum { N_FIRST = 8 };

#define NO_TEXT(f)	NULL,
#define NO_STRING(f)	{ NULL, 0 },
#define NO_NUMBER(f)	0,

/* -Wmissing-field-initializers guards the list. */
static const struct sink_settings nothing = {
	SETTINGS(NO_TEXT, NO_STRING, NO_NUMBER, NO_NUMBER)
};

/* The fields by their type; memcpy, because only their offsets are known. */

static const char *
get_text(const struct sink_settings *s, const struct field *f)
{
	const char *text;

	memcpy(&text, (const char *)s + f->offset, sizeof(text));
	return text;
}

static struct str
get_string(const struct sink_settings *s, const struct field *f)
{
	struct str string;

	memcpy(&string, (const char *)s + f->offset, sizeof(string));
	return string;
}

static int64_t
get_number(const struct sink_settings *s, const struct field *f)
{
	int64_t wide;
	int narrow;

	if (f->type == FIELD_INT64) {
		memcpy(&wide, (const char *)s + f->offset, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, (const char *)s + f->offset, sizeof(narrow));
	return narrow;
}

/* What a field holds, as bytes: a slice of the settings or of the buffer. */
static struct str
bytes_of(const struct sink_settings *s, const struct field *f, char number[32])
{
	switch (f->type) {
	case FIELD_TEXT:
		return str_from(get_text(s, f));
	case FIELD_STRING:
		return get_string(s, f);
	case FIELD_INT:
	case FIELD_INT64:
		break;
	}
	(void)snprintf(number, 32, "%" PRId64, get_number(s, f));
	return str_from(number);
}

static bool
is_set(const struct sink_settings *s, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
		return get_text(s, f) != NULL;
	case FIELD_STRING:
		return get_string(s, f).p != NULL;
	case FIELD_INT:
	case FIELD_INT64:
		break;
	}
	return get_number(s, f) != 0;
}

void
sink_settings_fingerprint(const struct sink_settings *s,
    char out[SINK_FINGERPRINT_SIZE])
{
	struct str parts[2 * N_FIELDS];
	char numbers[N_FIELDS][32];
	uint8_t digest[DIGEST_SHA256_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < N_FIELDS; i++) {
		const struct field *f = &fields[i];
		struct str bytes = bytes_of(s, f, numbers[i]);

		if (i >= N_FIRST && !is_set(s, f))
			continue;
		if (i >= N_FIRST)
			parts[n++] = str_from(f->name);
		else
			parts[n++] = bytes.p != NULL ? STR("set") :
			    STR("absent");
		parts[n++] = bytes;
	}
	digest_sha256(parts, n, digest);
	digest_hex(digest, sizeof(digest), out);
}

/* NULL stays NULL, and an empty text stays a text. */
static int
copy_text(struct sink_settings *to, const struct sink_settings *s,
    const struct field *f)
{
	const char *text = get_text(s, f);
	char *copy;

	if (text == NULL)
		return 0;
	if ((copy = strdup(text)) == NULL)
		return -1;
	memcpy((char *)to + f->offset, &copy, sizeof(copy));
	return 0;
}

static int
copy_string(struct sink_settings *to, const struct sink_settings *s,
    const struct field *f)
{
	struct str string = get_string(s, f), copy;

	if (string.p == NULL)
		return 0;
	copy.p = str_dup(string);
	copy.n = string.n;
	if (copy.p == NULL)
		return -1;
	memcpy((char *)to + f->offset, &copy, sizeof(copy));
	return 0;
}

static int
copy_field(struct sink_settings *to, const struct sink_settings *s,
    const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
		return copy_text(to, s, f);
	case FIELD_STRING:
		return copy_string(to, s, f);
	case FIELD_INT:
		memcpy((char *)to + f->offset, (const char *)s + f->offset,
		    sizeof(int));
		break;
	case FIELD_INT64:
		memcpy((char *)to + f->offset, (const char *)s + f->offset,
		    sizeof(int64_t));
		break;
	}
	return 0;
}

struct sink_settings *
sink_settings_copy(const struct sink_settings *s)
{
	struct sink_settings *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = nothing;
	for (size_t i = 0; i < N_FIELDS; i++)
		if (copy_field(copy, s, &fields[i]) == -1) {
			sink_settings_free(copy);
			return NULL;
		}
	return copy;
}

/* Any text may be a secret: the URL of a webhook often is one. */
static void
wipe(const char *text, size_t n)
{
	char *p;

	if (text == NULL)
		return;
	memcpy(&p, &text, sizeof(p));	/* ours: copy_field made it */
	explicit_bzero(p, n);
	free(p);
}

void
sink_settings_free(struct sink_settings *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < N_FIELDS; i++) {
		struct str bytes = STR_NONE;

		if (fields[i].type == FIELD_TEXT)
			bytes = str_from(get_text(s, &fields[i]));
		else if (fields[i].type == FIELD_STRING)
			bytes = get_string(s, &fields[i]);
		wipe(bytes.p, bytes.n);
	}
	free(s);
}
