/* SPDX-License-Identifier: ISC */
/* Severities as words, and the name of an alert. */
#include "alerts/alert.h"

#include <string.h>

#include "base/digest.h"

enum { ID_BYTES = 16 };		/* 128 of SHA-256's 256 bits */

_Static_assert(ALERT_ID_SIZE == 4 + 2 * ID_BYTES + 1, "msg_, hex, NUL");

static const char *const words[SEVERITY_COUNT] = {
	[SEVERITY_EMERG] = "emerg",
	[SEVERITY_ALERT] = "alert",
	[SEVERITY_CRIT] = "crit",
	[SEVERITY_ERR] = "err",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_NOTICE] = "notice",
	[SEVERITY_INFO] = "info",
	[SEVERITY_DEBUG] = "debug",
};

/* The names that syslog.conf(5) knows beside the eight. */
static const struct {
	const char	*word;
	enum severity	 severity;
} aliases[] = {
	{ "error", SEVERITY_ERR },
	{ "warn", SEVERITY_WARNING },
	{ "panic", SEVERITY_EMERG },
};

const char *
severity_word(enum severity severity)
{
	return words[severity];
}

int
severity_parse(struct str s)
{
	for (int i = 0; i < SEVERITY_COUNT; i++)
		if (str_eq_nocase(s, str_from(words[i])))
			return i;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (str_eq_nocase(s, str_from(aliases[i].word)))
			return (int)aliases[i].severity;
	return -1;
}

void
alert_hash_id(const struct str *parts, size_t n, char out[ALERT_ID_SIZE])
{
	uint8_t digest[DIGEST_SHA256_BYTES];

	digest_sha256(parts, n, digest);
	memcpy(out, "msg_", 4);
	digest_hex(digest, ID_BYTES, out + 4);
}

void
alert_make_id(struct str instance, struct str topic, struct str feed,
    struct str identity, char out[ALERT_ID_SIZE])
{
	const struct str parts[] = { instance, topic, feed, identity };

	alert_hash_id(parts, sizeof(parts) / sizeof(parts[0]), out);
}
