/* SPDX-License-Identifier: ISC */
/* Feeds in many scripts of which nothing says which charset they are in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <iconv.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "feeds/charset.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const char russian[] =
    "Сегодня в городе открылась новая библиотека. Читатели смогут брать "
    "книги на дом и работать в тихих залах. Вход свободный, но нужен "
    "читательский билет.";
static const char ukrainian[] =
    "Сьогодні в місті відкрилася нова бібліотека. Читачі зможуть брати "
    "книжки додому. Її зали працюють щодня, вхід вільний для всіх.";
static const char greek[] =
    "Σήμερα η πόλη απέκτησε νέα βιβλιοθήκη. Οι αναγνώστες μπορούν να "
    "δανείζονται βιβλία και να εργάζονται σε ήσυχες αίθουσες. Η είσοδος "
    "είναι ελεύθερη.";
static const char greek_quoted[] =
    "Σήμερα η πόλη απέκτησε νέα βιβλιοθήκη. “Οι αναγνώστες μπορούν να "
    "δανείζονται βιβλία”, είπε ο δήμαρχος. Η είσοδος είναι ελεύθερη.";
static const char hebrew[] =
    "היום נפתחה בעיר ספרייה חדשה. הקוראים יוכלו לשאול ספרים הביתה ולעבוד "
    "באולמות שקטים. הכניסה חופשית לכל התושבים.";
static const char thai[] =
    "วันนี้มีการเปิดห้องสมุดแห่งใหม่ในเมือง ผู้อ่านสามารถยืมหนังสือกลับบ้าน"
    "และทำงานในห้องที่เงียบสงบได้ เข้าชมฟรีทุกวัน";
/* Its first bytes, E1 BA BA and C4 A3, are good UTF-8. */
static const char thai_like_utf8[] =
    "แบบบ้านไม้หลังใหม่ของห้องสมุดในเมือง"
    "เปิดให้ชมวันนี้ ผู้อ่านสามารถยืมหนังสือกลับบ้านได้";
static const char chinese_like_utf8[] =
    "模模模模糊糊的字，今天在城里新开的图书馆里都看得清楚了。读者可以把书借回家。";
static const char arabic[] =
    "افتتحت اليوم في المدينة مكتبة جديدة. يستطيع القراء استعارة الكتب إلى "
    "منازلهم والعمل في قاعات هادئة. الدخول مجاني للجميع.";
static const char japanese[] =
    "今日、町に新しい図書館が開館しました。読者は本を借りて家に持ち帰ることが"
    "できます。静かな部屋で仕事もできます。";
static const char korean[] =
    "오늘 도시에 새로운 도서관이 문을 열었습니다. 독자들은 책을 빌려 집으로 "
    "가져갈 수 있습니다. 입장은 무료입니다.";
static const char chinese[] =
    "今天城里新开了一座图书馆。读者可以把书借回家，也可以在安静的阅览室里"
    "工作。入场免费。";
static const char chinese_taiwan[] =
    "今天城裡新開了一座圖書館。讀者可以把書借回家，也可以在安靜的閱覽室裡"
    "工作。入場免費。";
static const char russian_mixed[] =
    "Вышла новая версия ядра Linux 6.1 и пакета GNU libc. Сборки для ARM "
    "и RISC-V готовы, см. https://kernel.example/download/latest и список "
    "рассылки. Разработчики благодарят всех участников.";
static const char french[] =
    "Une bibliothèque a été inaugurée près de la gare. Les élèves pourront "
    "étudier à côté, même l'été. « C'est très réussi », a déclaré le maire, "
    "fêté par les invités venus de l'étranger.";
static const char german[] =
    "Heute wurde in der Stadt eine neue Bücherei eröffnet. Die Leser können "
    "Bücher ausleihen und in ruhigen Räumen arbeiten. Größer und schöner "
    "als früher, heißt es; für Schüler natürlich gebührenfrei.";
static const char spanish[] =
    "Hoy se inauguró en la ciudad una nueva biblioteca. ¿Qué más podrán "
    "hacer los niños? Leer, jugar y soñar con países lejanos. ¡Entrada "
    "gratis también los sábados!";
static const char czech[] =
    "Dnes byla ve městě otevřena nová knihovna. Čtenáři si mohou půjčovat "
    "knihy domů a pracovat v tichých sálech. Vstup je volný každý všední "
    "den, říká její ředitelka.";
static const char polish[] =
    "Dziś w mieście otwarto nową bibliotekę. Czytelnicy mogą wypożyczać "
    "książki i pracować w cichych salach. Wstęp wolny, również w święta.";
static const char turkish[] =
    "Bugün şehirde yeni bir kütüphane açıldı. Okuyucular kitapları ödünç "
    "alabilir ve sessiz salonlarda çalışabilir. Giriş ücretsizdir, çağrılı "
    "öğrenciler için de öyle.";
static const char english[] =
    "The caf\u00E9 next door \u2014 Zo\u00EB\u2019s \u2014 opens at nine. "
    "\u00A0\u00A0\u00A0 Coffee is \u00A31, na\u00EFve r\u00E9sum\u00E9s "
    "are read for free.";

static const struct {
	const char	*says, *text, *charset, *name;
	bool		 is_found;
} cases[] = {
	{ "Russian in KOI8-R", russian, "KOI8-R", "KOI8-R", true },
	{ "in Windows'", russian, "CP1251", "windows-1251", true },
	{ "in DOS'", russian, "IBM866", "IBM866", true },
	{ "in ISO's", russian, "ISO-8859-5", "ISO-8859-5", true },
	{ "in the Macintosh's", russian, "MAC-CYRILLIC", "MacCyrillic", true },
	{ "with Latin words in it", russian_mixed, "KOI8-R", "KOI8-R", true },
	{ "with Latin words in it, Windows'", russian_mixed, "CP1251",
	    "windows-1251", true },
	{ "Ukrainian", ukrainian, "CP1251", "windows-1251", true },
	{ "Greek in ISO's", greek, "ISO-8859-7", "ISO-8859-7", true },
	{ "Greek in Windows'", greek_quoted, "CP1253", "windows-1253", true },
	{ "Hebrew", hebrew, "CP1255", "windows-1255", true },
	{ "Thai", thai, "TIS-620", "TIS-620", true },
	{ "Thai that begins like UTF-8", thai_like_utf8, "TIS-620", "TIS-620",
	    true },
	{ "Chinese that does", chinese_like_utf8, "GB2312", "GB2312", true },
	{ "Arabic in ISO's", arabic, "ISO-8859-6", "ISO-8859-6", true },
	{ "Arabic in Windows'", arabic, "CP1256", "windows-1256", true },
	{ "Japanese in EUC", japanese, "EUC-JP", "EUC-JP", true },
	{ "in Shift JIS", japanese, "SHIFT_JIS", "SHIFT_JIS", true },
	{ "Korean", korean, "EUC-KR", "EUC-KR", true },
	{ "Chinese of the mainland", chinese, "GB2312", "GB2312", true },
	{ "of Taiwan", chinese_taiwan, "BIG5", "Big5", true },

	{ "French stays what it was", french, "CP1252", "utf-8", false },
	{ "German does", german, "CP1252", "utf-8", false },
	{ "Spanish does", spanish, "CP1252", "utf-8", false },
	{ "English with signs does", english, "CP1252", "utf-8", false },
	{ "Czech does, in Windows'", czech, "CP1250", "utf-8", false },
	{ "and in ISO's", czech, "ISO-8859-2", "utf-8", false },
	{ "Polish does", polish, "ISO-8859-2", "utf-8", false },
	{ "Turkish does", turkish, "CP1254", "utf-8", false },

	{ "Russian in UTF-8", russian, "UTF-8", "utf-8", false },
	{ "Greek in UTF-8", greek, "UTF-8", "utf-8", false },
	{ "Hebrew in UTF-8", hebrew, "UTF-8", "utf-8", false },
	{ "Thai in UTF-8", thai, "UTF-8", "utf-8", false },
	{ "Arabic in UTF-8", arabic, "UTF-8", "utf-8", false },
	{ "Japanese in UTF-8", japanese, "UTF-8", "utf-8", false },
	{ "Chinese in UTF-8", chinese, "UTF-8", "utf-8", false },
	{ "French in UTF-8", french, "UTF-8", "utf-8", false },
};

/* Whole, as networks cut, and as nobody would. */
static const size_t steps[] = { SIZE_MAX, 1460, 7, 1 };

static int
gather(const char *p, size_t n, void *ctx)
{
	buf_add(ctx, p, n);
	return 0;
}

/* Titles, links and an item's text `times` over. */
static void
write_feed(struct buf *b, const char *text, size_t times)
{
	buf_reset(b);
	buf_add_c(b, "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>"
	    "<title>");
	buf_add_str(b, utf8_cut(str_from(text), 40));
	buf_add_c(b, "</title><link>http://feeds.example/library/</link>");
	for (size_t i = 0; i < times; i++)
		buf_addf(b, "<item><link>http://feeds.example/library/%zu"
		    "</link>\n<description>&lt;p class=\"text\"&gt;%s&lt;/p"
		    "&gt;</description></item>\n", i, text);
	buf_add_c(b, "</channel></rss>\n");
}

static void
encode(struct buf *to, struct str utf8, const char *charset)
{
	iconv_t cd = iconv_open(charset, "UTF-8");
	char *copy = str_dup(utf8), *in = copy, *out;
	size_t left = utf8.n, room = 2 * utf8.n;

	assert_true(cd != (iconv_t)-1);
	assert_non_null(copy);
	buf_reset(to);
	out = buf_reserve(to, room);
	assert_non_null(out);
	assert_int_not_equal(iconv(cd, &in, &left, &out, &room), (size_t)-1);
	to->n = 2 * utf8.n - room;
	iconv_close(cd);
	free(copy);
}

static struct charset *
read_in_steps(struct str in, size_t step, struct buf *out)
{
	struct charset *c = charset_new(STR("application/xml"), gather, out);

	assert_non_null(c);
	buf_reset(out);
	for (size_t at = 0; at < in.n; at += step < in.n ? step : in.n) {
		struct str piece = str_sub(in, at, step);

		assert_int_equal(charset_push(c, piece.p, piece.n), 0);
	}
	assert_int_equal(charset_finish(c), 0);
	return c;
}

static void
check(size_t i, struct str in, struct str want, struct buf *out)
{
	for (size_t k = 0; k < N(steps); k++) {
		struct charset *c = read_in_steps(in, steps[k], out);

		if (!str_eq_c(str_from(charset_name(c)), cases[i].name))
			fail_msg("%s (by %zu): %s", cases[i].says, steps[k],
			    charset_name(c));
		if (charset_is_guess(c) == cases[i].is_found)
			fail_msg("%s: guess", cases[i].says);
		if (charset_n_bad(c) != 0)
			fail_msg("%s: %zu bad", cases[i].says,
			    charset_n_bad(c));
		if (!str_eq(buf_str(out), want))
			fail_msg("%s (by %zu): %s", cases[i].says, steps[k],
			    buf_cstr(out));
		charset_free(c);
	}
}

/* One item, and more than is held. */
static void
finds_what_scripts_bear_out(void **state)
{
	struct buf feed, in, out;

	(void)state;
	buf_init(&feed, 1 << 20);
	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < N(cases); i++)
		for (size_t times = 1; times <= 40; times += 39) {
			write_feed(&feed, cases[i].text, times);
			encode(&in, buf_str(&feed), cases[i].charset);
			check(i, buf_str(&in), cases[i].is_found ?
			    buf_str(&feed) : buf_str(&in), &out);
		}
	buf_clear(&feed);
	buf_clear(&in);
	buf_clear(&out);
}

/* One bad byte before it does not make UTF-8 mojibake. */
static void
keeps_harmed_utf8(void **state)
{
	struct buf in, out;

	(void)state;
	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < N(cases); i++) {
		struct charset *c;

		buf_reset(&in);
		buf_addf(&in, "<a>\xA0%s</a>", cases[i].text);
		c = read_in_steps(buf_str(&in), SIZE_MAX, &out);
		assert_string_equal(charset_name(c), "utf-8");
		assert_true(charset_is_guess(c));
		assert_true(str_eq(buf_str(&in), buf_str(&out)));
		charset_free(c);
	}
	buf_clear(&in);
	buf_clear(&out);
}

/* A few bytes bear nothing out: nothing is converted. */
static void
needs_evidence(void **state)
{
	static const char *const texts[] = {
		"<a>\xE9</a>",
		"<a>\xC1\xC2</a>",
		"<a>caf\xE9 cr\xE8me</a>",
		"<a>\xAB\xA0 non \xA0\xBB</a>",
		"<a>\xF0\xF1\xF2</a>",
		"<a>\xA0\xA0\xA0\xA0\xA0\xA0\xA0\xA0</a>",
		"<a>\x93\x94\x96\x97\x93\x94\x96\x97</a>",
		"<a>\xFF\xFF\xFF\xFF\xFF\xFF\xFF</a>",
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < N(texts); i++) {
		struct charset *c = read_in_steps(str_from(texts[i]), 1,
		    &out);

		if (!charset_is_guess(c) ||
		    !str_eq_c(buf_str(&out), texts[i]))
			fail_msg("%s: %s", texts[i], charset_name(c));
		charset_free(c);
	}
	buf_clear(&out);
}

static void
push(struct charset *c, const char *s)
{
	assert_int_equal(charset_push(c, s, strlen(s)), 0);
}

/* What is held back, and for how long. */
static void
holds_no_more_than_it_must(void **state)
{
	struct buf out;
	struct charset *c;

	(void)state;
	buf_init(&out, 100000);
	c = charset_new(STR_NONE, gather, &out);
	assert_non_null(c);
	push(c, "<rss><a>ASCII goes out at once");
	assert_int_equal(out.n, 30);
	push(c, "\xC3\x89");
	assert_int_equal(out.n, 30);
	push(c, "\xC3\x89\xC3");
	assert_int_equal(out.n, 30);
	push(c, "\x89");
	assert_int_equal(out.n, 36);
	push(c, "\xE9");
	assert_int_equal(out.n, 37);
	charset_free(c);

	buf_reset(&out);
	c = charset_new(STR_NONE, gather, &out);
	assert_non_null(c);
	push(c, "<rss>\xE2\x82");
	assert_int_equal(out.n, 5);
	push(c, "\xAC");
	assert_int_equal(out.n, 8);
	charset_free(c);

	buf_reset(&out);
	c = charset_new(STR_NONE, gather, &out);
	assert_non_null(c);
	push(c, "<rss>\xC3\xA9");
	for (size_t i = 2; i < 1024; i++) {
		assert_int_equal(out.n, 5);
		push(c, "x");
	}
	assert_int_equal(out.n, 5 + 1024);
	charset_free(c);

	buf_reset(&out);
	c = charset_new(STR_NONE, gather, &out);
	assert_non_null(c);
	push(c, "<rss>\xE9");
	for (size_t i = 1; i < 4096; i++) {
		assert_int_equal(out.n, 5);
		push(c, "x");
	}
	assert_int_equal(out.n, 5 + 4096);
	charset_free(c);
	buf_clear(&out);
}

/* Takes the first `left` bytes, as a document's end would. */
static int
take_some(const char *p, size_t n, void *ctx)
{
	size_t *left = ctx;

	(void)p;
	*left -= n < *left ? n : *left;
	return *left == 0;
}

/* What stands behind the end counts for nothing, in one piece or more. */
static void
forgets_what_nobody_wants(void **state)
{
	static const char doc[] = "<rss></rss>\xCF\xF0\xE8\xE2\xE5\xF2";

	(void)state;
	for (size_t step = 1; step < sizeof(doc); step++) {
		size_t left = 11;
		struct charset *c = charset_new(STR("text/xml"), take_some,
		    &left);

		assert_non_null(c);
		for (size_t at = 0; at < sizeof(doc) - 1; at += step) {
			struct str piece = str_sub(str_from(doc), at, step);

			(void)charset_push(c, piece.p, piece.n);
		}
		assert_int_not_equal(charset_finish(c), 0);
		assert_string_equal(charset_name(c), "us-ascii");
		charset_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_scripts_bear_out),
		cmocka_unit_test(keeps_harmed_utf8),
		cmocka_unit_test(needs_evidence),
		cmocka_unit_test(holds_no_more_than_it_must),
		cmocka_unit_test(forgets_what_nobody_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
