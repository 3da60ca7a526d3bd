/* SPDX-License-Identifier: ISC */
/*
 * A table from label to charset, after the WHATWG Encoding Standard (4.2), as
 * far as glibc converts what it names; and the two places that carry a label.
 */
#include "feeds/charset_label.h"

#include <stdio.h>
#include <string.h>

static const struct charset_label utf8 = { "utf-8", NULL };
static const struct charset_label ascii = { "us-ascii", "CP1252" };
static const struct charset_label latin1 = { "iso-8859-1", "CP1252" };
static const struct charset_label ibm866 = { "ibm866", "IBM866" };
static const struct charset_label latin2 = { "iso-8859-2", "ISO-8859-2" };
static const struct charset_label latin3 = { "iso-8859-3", "ISO-8859-3" };
static const struct charset_label latin4 = { "iso-8859-4", "ISO-8859-4" };
static const struct charset_label cyrillic = { "iso-8859-5", "ISO-8859-5" };
static const struct charset_label arabic = { "iso-8859-6", "ISO-8859-6" };
static const struct charset_label greek = { "iso-8859-7", "ISO-8859-7" };
static const struct charset_label hebrew = { "iso-8859-8", "ISO-8859-8" };
static const struct charset_label latin5 = { "iso-8859-9", "CP1254" };
static const struct charset_label latin6 = { "iso-8859-10", "ISO-8859-10" };
static const struct charset_label thai = { "iso-8859-11", "CP874" };
static const struct charset_label latin7 = { "iso-8859-13", "ISO-8859-13" };
static const struct charset_label latin8 = { "iso-8859-14", "ISO-8859-14" };
static const struct charset_label latin9 = { "iso-8859-15", "ISO-8859-15" };
static const struct charset_label latin10 = { "iso-8859-16", "ISO-8859-16" };
static const struct charset_label tis_620 = { "tis-620", "CP874" };
static const struct charset_label koi8_r = { "koi8-r", "KOI8-R" };
static const struct charset_label koi8_u = { "koi8-u", "KOI8-U" };
static const struct charset_label macintosh = { "macintosh", "MACINTOSH" };
static const struct charset_label mac_cyrillic = {
	"x-mac-cyrillic", "MAC-CYRILLIC"
};
static const struct charset_label pt154 = { "ptcp154", "PT154" };
static const struct charset_label cp874 = { "windows-874", "CP874" };
static const struct charset_label cp1250 = { "windows-1250", "CP1250" };
static const struct charset_label cp1251 = { "windows-1251", "CP1251" };
static const struct charset_label cp1252 = { "windows-1252", "CP1252" };
static const struct charset_label cp1253 = { "windows-1253", "CP1253" };
static const struct charset_label cp1254 = { "windows-1254", "CP1254" };
static const struct charset_label cp1255 = { "windows-1255", "CP1255" };
static const struct charset_label cp1256 = { "windows-1256", "CP1256" };
static const struct charset_label cp1257 = { "windows-1257", "CP1257" };
static const struct charset_label cp1258 = { "windows-1258", "CP1258" };
static const struct charset_label gb18030 = { "gb18030", "GB18030" };
static const struct charset_label gbk = { "gbk", "GB18030" };
static const struct charset_label hkscs = { "big5-hkscs", "BIG5-HKSCS" };
static const struct charset_label big5 = { "big5", "BIG5-HKSCS" };
static const struct charset_label euc_jp = { "euc-jp", "EUC-JP" };
static const struct charset_label jis = { "iso-2022-jp", "ISO-2022-JP" };
static const struct charset_label sjis = { "shift_jis", "CP932" };
static const struct charset_label cp932 = { "windows-31j", "CP932" };
static const struct charset_label cp949 = { "windows-949", "CP949" };
static const struct charset_label euc_kr = { "euc-kr", "CP949" };

/* Lower case, with '-' for '_', and of ISO 8859 only the short form. */
static const struct {
	const char			*label;
	const struct charset_label	*means;
} labels[] = {
	{ "utf-8", &utf8 }, { "utf8", &utf8 }, { "unicode-1-1-utf-8", &utf8 },
	{ "unicode11utf8", &utf8 }, { "x-unicode20utf8", &utf8 },
	{ "windows-1252", &cp1252 }, { "cp1252", &cp1252 },
	{ "x-cp1252", &cp1252 },
	{ "iso-8859-1", &latin1 }, { "latin1", &latin1 },
	{ "latin-1", &latin1 }, { "l1", &latin1 }, { "cp819", &latin1 },
	{ "ibm819", &latin1 }, { "csisolatin1", &latin1 },
	{ "iso-ir-100", &latin1 },
	{ "us-ascii", &ascii }, { "ascii", &ascii }, { "us", &ascii },
	{ "ansi-x3.4-1968", &ascii }, { "iso646-us", &ascii },
	{ "csascii", &ascii }, { "iso-ir-6", &ascii },
	{ "ibm866", &ibm866 }, { "cp866", &ibm866 }, { "866", &ibm866 },
	{ "csibm866", &ibm866 },
	{ "iso-8859-2", &latin2 }, { "latin2", &latin2 },
	{ "latin-2", &latin2 }, { "l2", &latin2 }, { "csisolatin2", &latin2 },
	{ "iso-8859-3", &latin3 }, { "latin3", &latin3 }, { "l3", &latin3 },
	{ "iso-8859-4", &latin4 }, { "latin4", &latin4 }, { "l4", &latin4 },
	{ "iso-8859-5", &cyrillic }, { "cyrillic", &cyrillic },
	{ "csisolatincyrillic", &cyrillic },
	{ "iso-8859-6", &arabic }, { "arabic", &arabic },
	{ "asmo-708", &arabic }, { "ecma-114", &arabic },
	{ "csisolatinarabic", &arabic },
	{ "iso-8859-7", &greek }, { "greek", &greek }, { "greek8", &greek },
	{ "ecma-118", &greek }, { "elot-928", &greek },
	{ "csisolatingreek", &greek },
	{ "iso-8859-8", &hebrew }, { "hebrew", &hebrew },
	{ "visual", &hebrew }, { "logical", &hebrew },
	{ "csisolatinhebrew", &hebrew },
	{ "iso-8859-9", &latin5 }, { "latin5", &latin5 },
	{ "latin-5", &latin5 }, { "l5", &latin5 }, { "csisolatin5", &latin5 },
	{ "iso-8859-10", &latin6 }, { "latin6", &latin6 }, { "l6", &latin6 },
	{ "iso-8859-11", &thai },
	{ "iso-8859-13", &latin7 },
	{ "iso-8859-14", &latin8 },
	{ "iso-8859-15", &latin9 }, { "latin9", &latin9 },
	{ "latin-9", &latin9 }, { "l9", &latin9 }, { "csisolatin9", &latin9 },
	{ "iso-8859-16", &latin10 },
	{ "koi8-r", &koi8_r }, { "koi8", &koi8_r }, { "koi", &koi8_r },
	{ "cskoi8r", &koi8_r },
	{ "koi8-u", &koi8_u }, { "koi8-ru", &koi8_u },
	{ "macintosh", &macintosh }, { "mac", &macintosh },
	{ "csmacintosh", &macintosh }, { "x-mac-roman", &macintosh },
	{ "mac-roman", &macintosh }, { "macroman", &macintosh },
	{ "x-mac-cyrillic", &mac_cyrillic },
	{ "x-mac-ukrainian", &mac_cyrillic },
	{ "windows-874", &cp874 }, { "dos-874", &cp874 },
	{ "tis-620", &tis_620 }, { "tis620", &tis_620 },
	{ "windows-1250", &cp1250 }, { "cp1250", &cp1250 },
	{ "x-cp1250", &cp1250 },
	{ "windows-1251", &cp1251 }, { "cp1251", &cp1251 },
	{ "win-1251", &cp1251 }, { "x-cp1251", &cp1251 },
	{ "windows-1253", &cp1253 }, { "cp1253", &cp1253 },
	{ "x-cp1253", &cp1253 },
	{ "windows-1254", &cp1254 }, { "cp1254", &cp1254 },
	{ "x-cp1254", &cp1254 },
	{ "windows-1255", &cp1255 }, { "cp1255", &cp1255 },
	{ "x-cp1255", &cp1255 },
	{ "windows-1256", &cp1256 }, { "cp1256", &cp1256 },
	{ "x-cp1256", &cp1256 },
	{ "windows-1257", &cp1257 }, { "cp1257", &cp1257 },
	{ "x-cp1257", &cp1257 },
	{ "windows-1258", &cp1258 }, { "cp1258", &cp1258 },
	{ "x-cp1258", &cp1258 },
	{ "gb18030", &gb18030 }, { "gb2312", &gb18030 },
	{ "gb-2312-80", &gb18030 }, { "gb-2312", &gb18030 },
	{ "gb2312-80", &gb18030 }, { "chinese", &gb18030 },
	{ "euc-cn", &gb18030 }, { "csgb2312", &gb18030 },
	{ "csiso58gb231280", &gb18030 }, { "iso-ir-58", &gb18030 },
	{ "gbk", &gbk }, { "x-gbk", &gbk }, { "cp936", &gbk },
	{ "ms936", &gbk }, { "windows-936", &gbk },
	{ "big5", &big5 }, { "x-x-big5", &big5 }, { "cn-big5", &big5 },
	{ "csbig5", &big5 }, { "cp950", &big5 }, { "ms950", &big5 },
	{ "big5-hkscs", &hkscs },
	{ "euc-jp", &euc_jp }, { "x-euc-jp", &euc_jp }, { "eucjp", &euc_jp },
	{ "cseucpkdfmtjapanese", &euc_jp },
	{ "iso-2022-jp", &jis }, { "csiso2022jp", &jis },
	{ "shift-jis", &sjis }, { "shiftjis", &sjis }, { "sjis", &sjis },
	{ "x-sjis", &sjis }, { "ms-kanji", &sjis }, { "csshiftjis", &sjis },
	{ "windows-31j", &cp932 }, { "cp932", &cp932 }, { "ms932", &cp932 },
	{ "euc-kr", &euc_kr }, { "ks-c-5601-1987", &euc_kr },
	{ "ks-c-5601-1989", &euc_kr }, { "ksc5601", &euc_kr },
	{ "ksc-5601", &euc_kr }, { "korean", &euc_kr }, { "cseuckr", &euc_kr },
	{ "csksc56011987", &euc_kr }, { "iso-ir-149", &euc_kr },
	{ "cp949", &cp949 }, { "ms949", &cp949 }, { "uhc", &cp949 },
	{ "windows-949", &cp949 },
	{ "ptcp154", &pt154 }, { "pt154", &pt154 }, { "csptcp154", &pt154 },
	{ "cyrillic-asian", &pt154 }
};

/* What a name consists of, lower case; 0: no part of one. */
static char
name_char(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_' || c == '.' || c == ':')
		return c;
	return 0;
}

bool
charset_label_clean(struct str label, char clean[CHARSET_LABEL_MAX])
{
	label = str_trim(label);
	if (label.n == 0 || label.n >= CHARSET_LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (name_char(label.p[i]) == 0)
			return false;
	for (size_t i = 0; i < label.n; i++)
		clean[i] = name_char(label.p[i]);
	clean[label.n] = '\0';
	return true;
}

void
charset_label_fold(char label[CHARSET_LABEL_MAX])
{
	for (size_t i = 0; label[i] != '\0'; i++)
		if (label[i] == '_')
			label[i] = '-';
}

static const char *
skip_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	return strncmp(s, word, n) == 0 ? s + n : s;
}

/*
 * Which part of ISO 8859 a folded label names, in any of its many forms:
 * iso8859-5, iso-8859-5:1988, iso88595; 0: none.
 */
static unsigned
iso_8859_part(const char *label)
{
	const char *s = skip_word(skip_word(label, "iso"), "-");
	const char *digits = skip_word(s, "8859");
	unsigned part = 0;

	if (digits == s)
		return 0;
	s = digits = skip_word(digits, "-");
	while (s - digits < 2 && *s >= '0' && *s <= '9')
		part = 10 * part + (unsigned)(*s++ - '0');
	return *s == '\0' || *s == '-' || *s == ':' ? part : 0;
}

const struct charset_label *
charset_label_find(struct str label)
{
	char name[CHARSET_LABEL_MAX];
	unsigned part;

	if (!charset_label_clean(label, name))
		return NULL;
	charset_label_fold(name);
	if ((part = iso_8859_part(name)) != 0)
		(void)snprintf(name, sizeof(name), "iso-8859-%u", part);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(name, labels[i].label) == 0)
			return labels[i].means;
	return NULL;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str
skip(struct str s, size_t n)
{
	return str_sub(s, n, s.n);
}

static struct str
skip_spaces(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_space(s.p[n]))
		n++;
	return skip(s, n);
}

/* Where `what` begins in s, whatever its case; s.n when it does not. */
static size_t
find(struct str s, struct str what)
{
	for (size_t i = 0; what.n <= s.n && i <= s.n - what.n; i++)
		if (str_eq_nocase(str_sub(s, i, what.n), what))
			return i;
	return s.n;
}

/* s begins with a value, quoted or not. */
static struct str
read_value(struct str s)
{
	size_t n = 0;
	char quote = 0;

	if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'')) {
		quote = s.p[0];
		s = skip(s, 1);
	}
	while (n < s.n && s.p[n] != quote &&
	    (quote != 0 || (!is_space(s.p[n]) && s.p[n] != ';')))
		n++;
	return str_sub(s, 0, n);
}

/* The value behind "name =", wherever that stands in s. */
static struct str
find_value(struct str s, struct str name)
{
	s = skip_spaces(skip(s, find(s, name) + name.n));
	if (s.n == 0 || s.p[0] != '=')
		return STR_NONE;
	return read_value(skip_spaces(skip(s, 1)));
}

struct str
charset_label_in_header(struct str content_type)
{
	size_t semicolon = find(content_type, STR(";"));

	return find_value(skip(content_type, semicolon), STR("charset"));
}

/* Passes over white space and comments; false: a comment has no end yet. */
static bool
skip_misc(struct str *head)
{
	struct str s = skip_spaces(*head);

	while (str_starts(s, STR("<!--"))) {
		size_t end = find(s, STR("-->"));

		if (end == s.n)
			return false;
		s = skip_spaces(skip(s, end + 3));
	}
	*head = s;
	return true;
}

enum charset_where
charset_label_in_head(struct str head, struct str *label)
{
	static const struct str open = { "<?xml", 5 };
	size_t end;

	if (!skip_misc(&head))
		return CHARSET_NEED_MORE;
	if (head.n < open.n)
		return str_starts(open, head) ||
		    str_starts(STR("<!--"), head) ?
		    CHARSET_NEED_MORE : CHARSET_ABSENT;
	if (!str_starts(head, open) || is_space(head.p[0]))
		return CHARSET_ABSENT;
	if ((end = find(head, STR(">"))) == head.n)
		return CHARSET_NEED_MORE;
	*label = find_value(str_sub(head, 0, end), STR("encoding"));
	return label->n > 0 ? CHARSET_FOUND : CHARSET_ABSENT;
}
