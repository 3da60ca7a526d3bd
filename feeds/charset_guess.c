/* SPDX-License-Identifier: ISC */
/*
 * Asks the detector, reads the bytes as it says, and counts which characters
 * come to stand beside which.
 */
#include "feeds/charset_guess.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <uchardet.h>

#include "base/utf8.h"

/*
 * Names are spelled as detectors are wont to print them. What is decoded is
 * the charset with more where there is one: pages called GB2312 have letters
 * of GB 18030.
 */
static const struct charset_guess guesses[] = {
	{ "BIG5", "Big5", "BIG5-HKSCS" },
	{ "EUC-JP", "EUC-JP", "EUC-JP" },
	{ "EUC-KR", "EUC-KR", "CP949" },
	{ "EUC-TW", "EUC-TW", "EUC-TW" },
	{ "GB18030", "GB2312", "GB18030" },
	{ "IBM855", "IBM855", "IBM855" },
	{ "IBM866", "IBM866", "IBM866" },
	{ "ISO-8859-5", "ISO-8859-5", "ISO-8859-5" },
	{ "ISO-8859-6", "ISO-8859-6", "ISO-8859-6" },
	{ "ISO-8859-7", "ISO-8859-7", "ISO-8859-7" },
	{ "ISO-8859-8", "ISO-8859-8", "ISO-8859-8" },
	{ "ISO-8859-11", "TIS-620", "CP874" },
	{ "KOI8-R", "KOI8-R", "KOI8-R" },
	{ "MAC-CYRILLIC", "MacCyrillic", "MAC-CYRILLIC" },
	{ "SHIFT_JIS", "SHIFT_JIS", "CP932" },
	{ "TIS-620", "TIS-620", "CP874" },
	{ "UHC", "EUC-KR", "CP949" },
	{ "WINDOWS-1251", "windows-1251", "CP1251" },
	{ "WINDOWS-1253", "windows-1253", "CP1253" },
	{ "WINDOWS-1255", "windows-1255", "CP1255" },
	{ "WINDOWS-1256", "windows-1256", "CP1256" }
};

enum kind { OTHER, LATIN, FOREIGN };

struct evidence {
	enum kind	before;
	size_t		 n_joined;	/* FOREIGN beside FOREIGN */
	size_t		 n_mixed;	/* FOREIGN beside LATIN */
	size_t		 n_bad;
};

static const struct charset_guess *
find(const char *found)
{
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (str_eq_nocase(str_from(found), str_from(guesses[i].found)))
			return &guesses[i];
	return NULL;
}

static const struct charset_guess *
ask(struct str bytes)
{
	uchardet_t detector = uchardet_new();
	const struct charset_guess *guess = NULL;

	if (detector == NULL)
		return NULL;
	if (uchardet_handle_data(detector, bytes.p, bytes.n) == 0) {
		uchardet_data_end(detector);
		guess = find(uchardet_get_charset(detector));
	}
	uchardet_delete(detector);
	return guess;
}

/* Quotes, dashes, boxes and other signs (2000 to 2BFF) belong to no script. */
static enum kind
kind_of(uint32_t code)
{
	if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
	    (code >= 0xC0 && code < 0x370))
		return LATIN;
	if (code < 0x370 || (code >= 0x2000 && code < 0x2C00))
		return OTHER;
	return FOREIGN;
}

static void
weigh(struct evidence *e, uint32_t code)
{
	enum kind kind = kind_of(code);

	if (code >= 0x80 && code < 0xA0)
		e->n_bad++;		/* a control: no charset's letter */
	if (kind == FOREIGN && e->before == FOREIGN)
		e->n_joined++;
	else if ((kind == FOREIGN && e->before == LATIN) ||
	    (kind == LATIN && e->before == FOREIGN))
		e->n_mixed++;
	e->before = kind;
}

static void
weigh_all(struct evidence *e, struct str utf8)
{
	size_t len;

	for (size_t i = 0; i < utf8.n; i += len)
		weigh(e, utf8_decode(utf8.p + i, utf8.n - i, &len));
}

static struct evidence
read_as(iconv_t cd, struct str bytes)
{
	struct evidence e = { OTHER, 0, 0, 0 };
	char copy[256], out[1024];	/* iconv wants bytes it could change */
	size_t n = 0, at = 0;

	while (at < bytes.n || n > 0) {
		struct str more = str_sub(bytes, at, sizeof(copy) - n);
		char *in = copy, *to = out;
		size_t room = sizeof(out), had, rc;

		memcpy(copy + n, more.p, more.n);
		at += more.n;
		had = n += more.n;
		rc = iconv(cd, &in, &n, &to, &room);
		weigh_all(&e, (struct str){ out, sizeof(out) - room });
		if (rc == (size_t)-1 && errno == EILSEQ) {
			e.n_bad++;
			in += n > 0;
			n -= n > 0;
		} else if (n == had) {
			break;		/* the end, inside a character */
		}
		memmove(copy, in, n);
	}
	return e;
}

static bool
bears_out(const struct charset_guess *guess, struct str bytes)
{
	iconv_t cd = iconv_open("UTF-8", guess->iconv);
	struct evidence e;

	if (cd == (iconv_t)-1)
		return false;
	e = read_as(cd, bytes);
	iconv_close(cd);
	return e.n_joined >= 4 && e.n_joined >= 3 * e.n_mixed &&
	    e.n_joined >= 16 * e.n_bad;
}

/* UTF-8 with a blunder in it: few sequences are good UTF-8 by chance. */
static bool
is_harmed_utf8(struct str s)
{
	size_t n_good = 0, n_bad = 0, len;

	for (size_t i = 0; i < s.n; i += len) {
		uint32_t code = utf8_decode(s.p + i, s.n - i, &len);

		if (code == UTF8_REPLACEMENT)
			n_bad++;
		else if (code >= 0x80)
			n_good++;
	}
	return n_good > n_bad;
}

/* Windows' Greek differs from ISO's by what stands where controls do there. */
static const struct charset_guess *
tell_greek_apart(const struct charset_guess *guess, struct str bytes)
{
	if (!str_eq_c(str_from(guess->found), "ISO-8859-7"))
		return guess;
	for (size_t i = 0; i < bytes.n; i++)
		if (((unsigned char)bytes.p[i] & 0xE0) == 0x80)
			return find("WINDOWS-1253");
	return guess;
}

const struct charset_guess *
charset_guess(struct str bytes)
{
	const struct charset_guess *guess;

	if (is_harmed_utf8(bytes) || (guess = ask(bytes)) == NULL)
		return NULL;
	guess = tell_greek_apart(guess, bytes);
	return bears_out(guess, bytes) ? guess : NULL;
}
