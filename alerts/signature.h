/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_SIGNATURE_H
#define HEADLINED_ALERTS_SIGNATURE_H

/* Standard Webhooks signatures (standardwebhooks.com, symmetric scheme v1). */

#include <stdint.h>

#include "base/str.h"

struct buf;
struct err;

enum { SIGNATURE_MAX_KEYS = 2, SIGNATURE_MAX_KEY_BYTES = 64 };

struct signature_keys {
	size_t	n;
	size_t	bytes[SIGNATURE_MAX_KEYS];
	uint8_t	key[SIGNATURE_MAX_KEYS][SIGNATURE_MAX_KEY_BYTES];
};

/*
 * Reads a secret file's text: one key a line, two while a key is rotated.
 * "whsec_" and base64 of 24 to 64 bytes, as the standard has it; a line
 * without the prefix is taken as base64 too. 0, or -1 and *err, which never
 * quotes the key.
 */
int	signature_read_keys(struct str text, struct signature_keys *,
	    struct err *);

/* Appends "v1,BASE64" for each key, parted by a space: the value of
 * webhook-signature over "id.timestamp.body". */
void	signature_sign(struct buf *, const struct signature_keys *,
	    struct str id, int64_t timestamp_s, struct str body);

#endif
