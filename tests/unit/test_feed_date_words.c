/* SPDX-License-Identifier: ISC */
/* Dates in the languages of feeds, and the tables behind them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/item.h"
#include "base/time_text.h"
#include "feeds/feed_date.h"
#include "feeds/feed_date_private.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* The names of a language's months, from January on; NULL is another's. */
static const struct {
	const char	*says;
	const char	*names[12];
} languages[] = {
	{ "English", {
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November",
		"December"
	} },
	{ "English, short", {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec"
	} },
	{ "Spanish", {
		"enero", "febrero", "marzo", "abril", "mayo", "junio",
		"julio", "agosto", "septiembre", "octubre", "noviembre",
		"diciembre"
	} },
	{ "Spanish, short", {
		"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago",
		"sep", "oct", "nov", "dic"
	} },
	{ "German", {
		"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
		"August", "September", "Oktober", "November", "Dezember"
	} },
	{ "German, short", {
		"Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug",
		"Sep", "Okt", "Nov", "Dez"
	} },
	{ "Austrian", {
		"Jänner", "Februar", "März", "April", "Mai", "Juni", "Juli",
		"August", "September", "Oktober", "November", "Dezember"
	} },
	{ "French", {
		"janvier", "février", "mars", "avril", "mai", "juin",
		"juillet", "août", "septembre", "octobre", "novembre",
		"décembre"
	} },
	{ "French, short", {
		"janv.", "févr.", "mars", "avril", "mai", "juin", "juil.",
		"août", "sept.", "oct.", "nov.", "déc."
	} },
	{ "Italian", {
		"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
		"luglio", "agosto", "settembre", "ottobre", "novembre",
		"dicembre"
	} },
	{ "Italian, short", {
		"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago",
		"set", "ott", "nov", "dic"
	} },
	{ "Portuguese", {
		"janeiro", "fevereiro", "março", "abril", "maio", "junho",
		"julho", "agosto", "setembro", "outubro", "novembro",
		"dezembro"
	} },
	{ "Portuguese, short", {
		"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago",
		"set", "out", "nov", "dez"
	} },
	{ "Dutch", {
		"januari", "februari", "maart", "april", "mei", "juni",
		"juli", "augustus", "september", "oktober", "november",
		"december"
	} },
	{ "Dutch, short", {
		"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug",
		"sep", "okt", "nov", "dec"
	} },
	{ "Turkish", {
		"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran",
		"Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"
	} },
	{ "Turkish, short", {
		"Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu",
		"Eyl", "Eki", "Kas", "Ara"
	} },
	{ "Polish", {
		"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca",
		"lipca", "sierpnia", "września", "października", "listopada",
		"grudnia"
	} },
	{ "Polish, alone", {
		"styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec",
		"lipiec", "sierpień", "wrzesień", "październik", "listopad",
		"grudzień"
	} },
	{ "Polish, short", {
		"sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie",
		"wrz", "paź", "lis", "gru"
	} },
	{ "Russian", {
		"января", "февраля", "марта", "апреля", "мая", "июня",
		"июля", "августа", "сентября", "октября", "ноября",
		"декабря"
	} },
	{ "Russian, alone", {
		"Январь", "Февраль", "Март", "Апрель", "Май", "Июнь", "Июль",
		"Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"
	} },
	{ "Russian, short", {
		"янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг",
		"сен", "окт", "ноя", "дек"
	} },
	{ "Indonesian", {
		"Januari", "Februari", "Maret", "April", "Mei", "Juni",
		"Juli", "Agustus", "September", "Oktober", "November",
		"Desember"
	} },
	{ "Czech", {
		"ledna", "února", "března", "dubna", "května", "června",
		"července", "srpna", "září", "října", "listopadu",
		"prosince"
	} },
	{ "Czech, alone", {
		"leden", "únor", "březen", "duben", "květen", "červen",
		"červenec", "srpen", "září", "říjen", "listopad", "prosinec"
	} },
	{ "Czech, short", {
		"led", "úno", "bře", "dub", "kvě", "čen", "čec", "srp",
		"zář", "říj", "lis", "pro"
	} },
	{ "Swedish", {
		"januari", "februari", "mars", "april", "maj", "juni",
		"juli", "augusti", "september", "oktober", "november",
		"december"
	} },
	{ "Romanian", {
		"ianuarie", "februarie", "martie", "aprilie", "mai", "iunie",
		"iulie", "august", "septembrie", "octombrie", "noiembrie",
		"decembrie"
	} },
	{ "Hungarian", {
		"január", "február", "március", "április", "május", "június",
		"július", "augusztus", "szeptember", "október", "november",
		"december"
	} },
	{ "Greek", {
		"Ιανουαρίου", "Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Μαΐου",
		"Ιουνίου", "Ιουλίου", "Αυγούστου", "Σεπτεμβρίου",
		"Οκτωβρίου", "Νοεμβρίου", "Δεκεμβρίου"
	} },
	{ "Greek, alone", {
		"Ιανουάριος", "Φεβρουάριος", "Μάρτιος", "Απρίλιος", "Μάιος",
		"Ιούνιος", "Ιούλιος", "Αύγουστος", "Σεπτέμβριος",
		"Οκτώβριος", "Νοέμβριος", "Δεκέμβριος"
	} },
	{ "Greek, short", {
		"Ιαν", "Φεβ", "Μαρ", "Απρ", "Μαΐ", "Ιουν", "Ιουλ", "Αυγ",
		"Σεπ", "Οκτ", "Νοε", "Δεκ"
	} },
	{ "Ukrainian", {
		"січня", "лютого", "березня", "квітня", "травня", "червня",
		"липня", "серпня", "вересня", "жовтня", "листопада",
		"грудня"
	} },
	{ "Ukrainian, alone", {
		"січень", "лютий", "березень", "квітень", "травень",
		"червень", "липень", "серпень", "вересень", "жовтень",
		"листопад", "грудень"
	} },
	{ "Ukrainian, short", {
		"січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер",
		"вер", "жов", "лис", "гру"
	} },
	{ "Danish", {
		"januar", "februar", "marts", "april", "maj", "juni", "juli",
		"august", "september", "oktober", "november", "december"
	} },
	{ "Norwegian", {
		"januar", "februar", "mars", "april", "mai", "juni", "juli",
		"august", "september", "oktober", "november", "desember"
	} },
	{ "Norwegian, short", {
		"jan.", "feb.", "mars", "april", "mai", "juni", "juli",
		"aug.", "sep.", "okt.", "nov.", "des."
	} },
	{ "Finnish", {
		"tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu",
		"kesäkuu", "heinäkuu", "elokuu", "syyskuu", "lokakuu",
		"marraskuu", "joulukuu"
	} },
	{ "Finnish, short", {
		"tammi", "helmi", "maalis", "huhti", "touko", "kesä",
		"heinä", "elo", "syys", "loka", "marras", "joulu"
	} },
	{ "Bulgarian", {
		"януари", "февруари", "март", "април", "май", "юни", "юли",
		"август", "септември", "октомври", "ноември", "декември"
	} },
	{ "Arabic, Egypt", {
		"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو",
		"أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"
	} },
	{ "Arabic, Levant", {
		"كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
		"تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني",
		"كانون الأول"
	} },
	{ "Arabic, Morocco", {
		"يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز",
		"غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"
	} },
	{ "Arabic, Tunisia", {
		"جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية",
		"أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"
	} },
	{ "Persian", {
		"ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه",
		"اوت", "سپتامبر", "اكتبر", "نوامبر", "دسامبر"
	} },
	{ "Hebrew", {
		"ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני", "יולי",
		"אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר"
	} },
	{ "Hebrew, short", {
		"ינו", "פבר", "מרץ", "אפר", "מאי", "יונ", "יול", "אוג",
		"ספט", "אוק", "נוב", "דצמ"
	} },
	{ "Hindi", {
		"जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई",
		"अगस्त", "सितंबर", "अक्तूबर", "नवंबर", "दिसंबर"
	} },
	{ "Slovak", {
		"január", "február", "marec", "apríl", "máj", "jún", "júl",
		"august", "september", "október", "november", "december"
	} },
	{ "Catalan", {
		"de gener", "de febrer", "de març", "d’abril", "de maig",
		"de juny", "de juliol", "d’agost", "de setembre",
		"d’octubre", "de novembre", "de desembre"
	} },
	{ "Catalan, alone", {
		"gener", "febrer", "març", "abril", "maig", "juny", "juliol",
		"agost", "setembre", "octubre", "novembre", "desembre"
	} },
	{ "Catalan, short", {
		"de gen.", "de febr.", "de març", "d’abr.", "de maig",
		"de juny", "de jul.", "d’ag.", "de set.", "d’oct.",
		"de nov.", "de des."
	} },
	{ "Serbian", {
		"јануар", "фебруар", "март", "април", "мај", "јун", "јул",
		"август", "септембар", "октобар", "новембар", "децембар"
	} },
	{ "Serbian, Latin", {
		"januar", "februar", "mart", "april", "maj", "jun", "jul",
		"avgust", "septembar", "oktobar", "novembar", "decembar"
	} },
	{ "Croatian", {
		"siječnja", "veljače", "ožujka", "travnja", "svibnja",
		"lipnja", "srpnja", "kolovoza", "rujna", NULL,
		"studenoga", "prosinca"
	} },
	{ "Bosnian", {
		"Januar", "Februar", "Mart", "April", "Maj", "Juni", "Juli",
		"August", "Septembar", "Oktobar", "Novembar", "Decembar"
	} },
	{ "Slovenian", {
		"januar", "februar", "marec", "april", "maj", "junij",
		"julij", "avgust", "september", "oktober", "november",
		"december"
	} },
	{ "Macedonian", {
		"јануари", "февруари", "март", "април", "мај", "јуни",
		"јули", "август", "септември", "октомври", "ноември",
		"декември"
	} },
	{ "Lithuanian", {
		"sausio", "vasario", "kovo", "balandžio", "gegužės",
		"birželio", "liepos", "rugpjūčio", "rugsėjo", "spalio",
		"lapkričio", "gruodžio"
	} },
	{ "Lithuanian, alone", {
		"sausis", "vasaris", "kovas", "balandis", "gegužė",
		"birželis", "liepa", "rugpjūtis", "rugsėjis", "spalis",
		"lapkritis", "gruodis"
	} },
	{ "Latvian", {
		"janvāris", "februāris", "marts", "aprīlis", "maijs",
		"jūnijs", "jūlijs", "augusts", "septembris", "oktobris",
		"novembris", "decembris"
	} },
	{ "Estonian", {
		"jaanuar", "veebruar", "märts", "aprill", "mai", "juuni",
		"juuli", "august", "september", "oktoober", "november",
		"detsember"
	} },
	{ "Belarusian", {
		"студзеня", "лютага", "сакавіка", "красавіка", "мая",
		"чэрвеня", "ліпеня", "жніўня", "верасня", "кастрычніка",
		"лістапада", "снежня"
	} },
	{ "Belarusian, alone", {
		"студзень", "люты", "сакавік", "красавік", "май", "чэрвень",
		"ліпень", "жнівень", "верасень", "кастрычнік", "лістапад",
		"снежань"
	} },
	{ "Galician", {
		"Xaneiro", "Febreiro", "Marzo", "Abril", "Maio", "Xuño",
		"Xullo", "Agosto", "Setembro", "Outubro", "Novembro",
		"Decembro"
	} },
	{ "Malay", {
		"Januari", "Februari", "Mac", "April", "Mei", "Jun", "Julai",
		"Ogos", "September", "Oktober", "November", "Disember"
	} },
	{ "Icelandic", {
		"janúar", "febrúar", "mars", "apríl", "maí", "júní", "júlí",
		"ágúst", "september", "október", "nóvember", "desember"
	} },
	{ "Afrikaans", {
		"Januarie", "Februarie", "Maart", "April", "Mei", "Junie",
		"Julie", "Augustus", "September", "Oktober", "November",
		"Desember"
	} },
	{ "Finnish, partitive", {
		"tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta",
		"toukokuuta", "kesäkuuta", "heinäkuuta", "elokuuta",
		"syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"
	} },
	{ "Hebrew, with in", {
		"בינואר", "בפברואר", "במרץ", "באפריל", "במאי", "ביוני",
		"ביולי", "באוגוסט", "בספטמבר", "באוקטובר", "בנובמבר",
		"בדצמבר"
	} },
	{ "Greek, capitals", {
		"ΙΑΝΟΥΑΡΊΟΥ", "ΦΕΒΡΟΥΑΡΊΟΥ", "ΜΑΡΤΊΟΥ", "ΑΠΡΙΛΊΟΥ",
		"ΜΑΪ́ΟΥ", "ΙΟΥΝΊΟΥ", "ΙΟΥΛΊΟΥ", "ΑΥΓΟΎΣΤΟΥ", "ΣΕΠΤΕΜΒΡΊΟΥ",
		"ΟΚΤΩΒΡΊΟΥ", "ΝΟΕΜΒΡΊΟΥ", "ΔΕΚΕΜΒΡΊΟΥ"
	} },
	{ "Greek, as programs had it", {
		"Ιαν", "Φεβ", "Μάώ", "Απρ", "Μάι", "Ιον", "Ιολ", "Αύγ",
		"Σεπ", "Οκτ", "Νοέ", "Δεκ"
	} },
	{ "Russian, capitals", {
		"ЯНВАРЯ", "ФЕВРАЛЯ", "МАРТА", "АПРЕЛЯ", "МАЯ", "ИЮНЯ",
		"ИЮЛЯ", "АВГУСТА", "СЕНТЯБРЯ", "ОКТЯБРЯ", "НОЯБРЯ",
		"ДЕКАБРЯ"
	} },
	{ "French, without accents", {
		"janvier", "fevrier", "mars", "avril", "mai", "juin",
		"juillet", "aout", "septembre", "octobre", "novembre",
		"decembre"
	} },
	{ "Chinese", {
		"一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月",
		"十月", "十一月", "十二月"
	} },
	{ "Vietnamese", {
		"tháng 1", "tháng 2", "tháng 3", "tháng 4", "tháng 5",
		"tháng 6", "tháng 7", "tháng 8", "tháng 9", "tháng 10",
		"tháng 11", "tháng 12"
	} },
};

/* Day 28 of each, before the year and behind it. */
static void
reads_months(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(languages); i++)
		for (int m = 0; m < 12; m++) {
			int64_t want = time_days_from_civil(2004, m + 1, 28) *
			    86400 + 48660;
			const char *name = languages[i].names[m];
			char text[128], back[128];

			if (name == NULL)
				continue;
			(void)snprintf(text, sizeof(text),
			    "28 %s 2004 13:31 GMT", name);
			(void)snprintf(back, sizeof(back),
			    "Xyz, 2004. %s 28., 13:31:00", name);
			if (feed_date_parse(str_from(text)) != want ||
			    feed_date_parse(str_from(back)) != want)
				fail_msg("%s: %s", languages[i].says, name);
		}
}

/* All at 2004-05-28 13:31 UTC, or at 0:00 where no clock is written. */
static const struct {
	const char	*says, *text;
	int		 minutes;
} sentences[] = {
	{ "Korean, KST", "2004년 5월 28일 22:31", 811 },
	{ "Korean, half a day", "2004-05-28 오후 10:31:00", 811 },
	{ "Korean, the morning", "2004-05-28 오전 9:00", 0 },
	{ "Korean, in words", "2004년 5월 28일 금요일 오후 10시 31분", 811 },
	{ "Korean, with a zone", "2004년 5월 28일 13:31 UTC", 811 },
	{ "Korean, dots", "2004. 5. 28. 오후 10:31", 811 },
	{ "Japanese", "2004年5月28日 13時31分", 811 },
	{ "Japanese, its zone", "2004年5月28日(金) 22時31分0秒 JST", 811 },
	{ "Japanese, joined", "2004年5月28日金曜日午後1時31分", 811 },
	{ "Japanese, full width", "２００４年５月２８日　１３：３１", 811 },
	{ "Chinese", "2004年05月28日 下午01:31", 811 },
	{ "Chinese, weekday", "2004年5月28日 星期五 13点31分", 811 },
	{ "Chinese, Taiwan", "2004年5月28日 週五 下午 1:31", 811 },
	{ "Vietnamese", "Thứ Sáu, 28/05/2004, 20:31 (GMT+7)", 811 },
	{ "Vietnamese, in words", "ngày 28 tháng 5 năm 2004 13:31", 811 },
	{ "Indonesian", "Jumat, 28 Mei 2004 20.31 WIB", 811 },
	{ "German", "Freitag, den 28. Mai 2004 um 15:31 Uhr MESZ", 811 },
	{ "French", "vendredi 28 mai 2004 à 13h31", 811 },
	{ "Spanish", "viernes, 28 de mayo de 2004 a las 1:31 p. m.", 811 },
	{ "Portuguese", "sexta-feira, 28 de maio de 2004 às 13h31", 811 },
	{ "Italian", "venerdì 28 maggio 2004 ore 13:31", 811 },
	{ "Catalan", "28 de maig de 2004, 13:31 h", 811 },
	{ "Dutch", "vrijdag 28 mei 2004 13:31 uur", 811 },
	{ "Danish", "fredag den 28. maj 2004 kl. 13.31", 811 },
	{ "Norwegian", "fredag 28. mai 2004 klokken 13.31", 811 },
	{ "Swedish", "fredag 28 maj 2004 klockan 13.31", 811 },
	{ "Finnish", "perjantai 28. toukokuuta 2004 klo 13.31", 811 },
	{ "Polish", "piątek, 28 maja 2004 r., godz. 13:31", 811 },
	{ "Polish, short", "pt., 28 maj 2004 15:31:00 +0200", 811 },
	{ "Czech", "pátek 28. května 2004 v 13:31", 811 },
	{ "Slovak", "piatok 28. mája 2004, 13:31", 811 },
	{ "Hungarian", "2004. május 28., péntek 13:31", 811 },
	{ "Hungarian, joined", "2004-május-28T9:31-04:00", 811 },
	{ "Romanian", "vineri, 28 mai 2004, 13:31", 811 },
	{ "Turkish", "28 Mayıs 2004 Cuma, saat 13:31", 811 },
	{ "Greek", "Παρασκευή, 28 Μαΐου 2004, 1:31 μ.μ.", 811 },
	{ "Greek, short", "Παρ, 28 Μάι 2004 09:31:00 EDT", 811 },
	{ "Russian", "пятница, 28 мая 2004 г. в 13:31", 811 },
	{ "Ukrainian", "п’ятниця, 28 травня 2004 р. 13:31", 811 },
	{ "Bulgarian", "петък, 28 май 2004 г. 13:31", 811 },
	{ "Serbian", "петак, 28. мај 2004. 13:31", 811 },
	{ "Lithuanian", "2004 m. gegužės 28 d. 13:31", 811 },
	{ "Arabic", "الجمعة، 28 مايو 2004 1:31 م", 811 },
	{ "Arabic, its digits", "٢٨ مايو ٢٠٠٤ ١٣:٣١", 811 },
	{ "Arabic, both names", "28 أيار/مايو 2004", 0 },
	{ "Persian, its digits", "۲۸ مه ۲۰۰۴ ۱۳:۳۱", 811 },
	{ "Hebrew", "יום שישי, 28 במאי 2004, 13:31", 811 },
	{ "Hindi, its digits", "शुक्रवार, २८ मई २००४ १३:३१", 811 },
};

static void
reads_sentences(void **state)
{
	int64_t day = time_days_from_civil(2004, 5, 28) * 86400;

	(void)state;
	for (size_t i = 0; i < N(sentences); i++) {
		int64_t got = feed_date_parse(str_from(sentences[i].text));

		if (got != day + sentences[i].minutes * 60)
			fail_msg("%s: \"%s\" gave %lld", sentences[i].says,
			    sentences[i].text, (long long)got);
	}
}

/* What a word means that languages share. */
static const struct {
	const char	*says, *text;
	int		 month, day;
} shared[] = {
	{ "mar. is a Tuesday beside a month", "mar 5 ene 2004", 1, 5 },
	{ "and beside March", "mar, 9 mar 2004", 3, 9 },
	{ "and March alone", "9 mar 2004", 3, 9 },
	{ "Paz is a Sunday beside a month", "Paz, 5 Eki 2004", 10, 5 },
	{ "and October alone", "5 paź 2004", 10, 5 },
	{ "sub is a Saturday beside a month", "sub, 6 mar 2004", 3, 6 },
	{ "and February alone", "6 Şub 2004", 2, 6 },
	{ "listopad is November", "5 listopada 2004", 11, 5 },
	{ "lip is July", "5 lip 2004", 7, 5 },
	{ "srp is August", "5 srp 2004", 8, 5 },
	{ "am is no half day before the clock", "am 5. Mai 2004 um 13:31",
	    5, 5 },
};

static void
reads_shared_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(shared); i++) {
		int64_t got = feed_date_parse(str_from(shared[i].text));

		if (got < 0 || got / 86400 != time_days_from_civil(2004,
		    shared[i].month, shared[i].day))
			fail_msg("%s: \"%s\" gave %lld", shared[i].says,
			    shared[i].text, (long long)got);
	}
}

/* -- Folding --------------------------------------------------------------- */

static const struct {
	const char	*says, *text, *want;
} folds[] = {
	{ "capitals", "ABC xyz", "abc xyz" },
	{ "accents", "ÀÉîõÜ ŞŁżđ", "aeiou slzd" },
	{ "accents that stand alone", "e\xCC\x81 o\xCC\x88", "e o" },
	{ "Romanian commas", "ȘȚ șț", "st st" },
	{ "Greek", "ΆΈΉΊΌΎΏ ΐΰϊϋς ΑΩ", "αεηιουω ιυιυσ αω" },
	{ "Cyrillic", "АЯ Ёё Ії", "ая ее ії" },
	{ "Arabic", "أإآ ـى", "ااا ي" },
	{ "digits of other scripts", "٠١٩ ۰۹ ०९ ０９", "019 09 09 09" },
	{ "signs of full width", "（１：２）", "(1:2)" },
	{ "hyphens and the minus", "‐–−", "---" },
	{ "apostrophes go", "d’a'b\"", "dab" },
	{ "white space of all kinds", "a\xC2\xA0" "b\xE2\x80\xAF" "c\td",
	    "a b c d" },
	{ "marks of direction go", "\xE2\x80\x8E" "1\xE2\x80\x8F", "1" },
	{ "bytes that are no text", "\xFF\xC3", "??" },
	{ "Vietnamese keeps its tones", "THỨ", "thứ" },
};

static void
folds_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(folds); i++) {
		struct str s = str_from(folds[i].text);
		char out[DATE_MAX];
		size_t n = feed_date_fold(s, out);

		assert_true(n <= s.n);
		if (!str_eq_c((struct str){ out, n }, folds[i].want))
			fail_msg("%s: \"%.*s\"", folds[i].says, (int)n, out);
	}
}

/* -- The table ------------------------------------------------------------- */

/* Sorted and once each, and folded: else it would never be found. */
static void
words_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < feed_date_n_names; i++) {
		const struct date_word *w = &feed_date_names[i];
		struct str s = str_from(w->text);
		char out[DATE_MAX];

		if (i > 0 && strcmp(feed_date_names[i - 1].text, w->text) >= 0)
			fail_msg("%s is not behind %s", w->text,
			    feed_date_names[i - 1].text);
		if (!str_eq((struct str){ out, feed_date_fold(s, out) }, s))
			fail_msg("%s is not folded", w->text);
		if (feed_date_word(s) != w->means)
			fail_msg("%s is not found", w->text);
	}
}

/* Likewise the zones, in whatever case they are written. */
static void
zones_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < feed_date_n_zones; i++) {
		const struct date_zone *z = &feed_date_zones[i];
		char upper[16] = "";

		if (i > 0 && strcmp(feed_date_zones[i - 1].name, z->name) >= 0)
			fail_msg("%s is not behind %s", z->name,
			    feed_date_zones[i - 1].name);
		for (size_t k = 0; z->name[k] != '\0' &&
		    k + 1 < sizeof(upper); k++)
			upper[k] = z->name[k] >= 'a' && z->name[k] <= 'z' ?
			    (char)(z->name[k] & ~0x20) : z->name[k];
		for (int k = 0; k < 2; k++) {
			struct date d = { .zone_min = UNSET };
			struct str s = str_from(k == 0 ? z->name : upper);

			if (!feed_date_take_zone(&s, &d) || s.n != 0 ||
			    d.zone_min != z->minutes)
				fail_msg("%s is not found", z->name);
		}
	}
}

static void
reads_abbreviations(void **state)
{
	(void)state;
	assert_int_equal(feed_date_word(STR("septem")), 9);
	assert_int_equal(feed_date_word(STR("wedn")), WORD_SKIP);
	assert_int_equal(feed_date_word(STR("ja")), UNSET);
	assert_int_equal(feed_date_word(STR("ju")), UNSET);
	assert_int_equal(feed_date_word(STR("septembery")), UNSET);
	assert_int_equal(feed_date_word(STR("")), UNSET);
	assert_int_equal(feed_date_word(STR("zzz")), UNSET);
	assert_int_equal(feed_date_word(STR("\xF0\x9F\x98\x80")), UNSET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_months),
		cmocka_unit_test(reads_sentences),
		cmocka_unit_test(reads_shared_words),
		cmocka_unit_test(folds_texts),
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(zones_are_found),
		cmocka_unit_test(reads_abbreviations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
