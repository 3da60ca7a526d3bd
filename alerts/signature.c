/* SPDX-License-Identifier: ISC */
/*
 * The symmetric scheme of Standard Webhooks: HMAC-SHA256 over
 * "id.timestamp.body", one "v1,BASE64" for each key, so that a receiver may
 * change its key while alerts go on.
 */
#include "alerts/signature.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

enum {
	MIN_KEY_BYTES = 24,	/* as the standard has it; 64 is its most */
	BASE64_SIZE = 4 * ((DIGEST_SHA256_BYTES + 2) / 3) + 1
};

/* Cuts the first line off *text, without its end and surrounding space. */
static struct str
take_line(struct str *text)
{
	const char *end = memchr(text->p, '\n', text->n);
	size_t n = end != NULL ? (size_t)(end - text->p) : text->n;
	struct str line = str_sub(*text, 0, n);

	*text = str_sub(*text, n + 1, text->n);
	return str_trim(line);
}

/* Messages name the line and never what stands in it. */
static int
read_key(struct str line, int number, struct signature_keys *keys,
    struct err *err)
{
	static const struct str prefix = { "whsec_", 6 };
	size_t n = 0;

	if (keys->n == SIGNATURE_MAX_KEYS)
		return err_set(err, "line %d: more than %d keys (the new one, "
		    "and the old one while it is rotated)", number,
		    SIGNATURE_MAX_KEYS);
	if (str_starts(line, prefix))
		line = str_sub(line, prefix.n, line.n);
	if (!digest_base64_decode(line, keys->key[keys->n],
	    SIGNATURE_MAX_KEY_BYTES, &n) || n < MIN_KEY_BYTES)
		return err_set(err, "line %d: not a key (whsec_ and %d to %d "
		    "bytes in base64)", number, MIN_KEY_BYTES,
		    SIGNATURE_MAX_KEY_BYTES);
	keys->bytes[keys->n++] = n;
	return 0;
}

int
signature_read_keys(struct str text, struct signature_keys *keys,
    struct err *err)
{
	struct str line;
	int number = 0;

	*keys = (struct signature_keys){ .n = 0 };
	while (text.n > 0) {
		line = take_line(&text);
		number++;
		if (line.n > 0 && read_key(line, number, keys, err) == -1) {
			explicit_bzero(keys, sizeof(*keys));
			return -1;
		}
	}
	if (keys->n == 0)
		return err_set(err, "no key (whsec_ and %d to %d bytes in "
		    "base64)", MIN_KEY_BYTES, SIGNATURE_MAX_KEY_BYTES);
	return 0;
}

void
signature_sign(struct buf *out, const struct signature_keys *keys,
    struct str id, int64_t timestamp_s, struct str body)
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	char base64[BASE64_SIZE];
	struct buf text;

	buf_init(&text, SIZE_MAX - 1);
	buf_add_str(&text, id);
	buf_addf(&text, ".%" PRId64 ".", timestamp_s);
	buf_add_str(&text, body);
	out->failed |= text.failed;
	for (size_t i = 0; i < keys->n && !out->failed; i++) {
		digest_hmac_sha256((struct str){ (const char *)keys->key[i],
		    keys->bytes[i] }, buf_str(&text), mac);
		digest_base64(mac, sizeof(mac), base64);
		buf_addf(out, "%sv1,%s", i > 0 ? " " : "", base64);
	}
	buf_clear(&text);
}
