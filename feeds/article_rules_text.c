/* SPDX-License-Identifier: ISC */
/*
 * The words that stand around an article, in the languages whose news are read
 * most. All are compared with a copy of the text in lower case (ASCII), whose
 * other letters must be as they stand here.
 */
#include "feeds/article_rules.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define W(words)	{ words, sizeof(words) - 1 }

enum { MAX_LABEL = 90, MAX_NOTICE = 400, MAX_PAGE_START = 4096 };

/* At most so many bytes. */
static struct str
lower(struct str s, char *to, size_t max)
{
	s = str_sub(s, 0, max);
	for (size_t i = 0; i < s.n; i++)
		to[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ?
		    (char)(s.p[i] | 0x20) : s.p[i];
	return (struct str){ to, s.n };
}

static bool
has(struct str s, struct str word)
{
	return s.n > 0 && memmem(s.p, s.n, word.p, word.n) != NULL;
}

static bool
has_any(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has(s, list[i]))
			return true;
	return false;
}

/* -- Labels --------------------------------------------------------------- */

static const struct str whole[] = {
	W("advertisement"), W("advertisements"), W("advert"), W("adverts"),
	W("advertising"), W("ad"), W("ads"), W("anuncio"), W("publicidad"),
	W("publicidade"), W("publicit\xC3\xA9"), W("werbung"), W("anzeige"),
	W("\xD1\x80\xD0\xB5\xD0\xBA\xD0\xBB\xD0\xB0\xD0\xBC\xD0\xB0"),
	W("iklan"), W("image caption"), W("image copyright"), W("caption"),
	W("close"), W("share"), W("shares"), W("tweet"), W("email"), W("print"),
	W("save"), W("reply"), W("facebook"), W("twitter"), W("google+"),
	W("whatsapp"), W("pinterest"), W("linkedin"), W("reddit"), W("tumblr"),
	W("telegram"), W("sponsored"), W("promoted"), W("loading"), W("watch"),
	W("listen"), W("video"), W("photos"), W("photo"), W("tag"), W("topics"),
	W("sharing is caring"), W("back to gallery"), W("view all"),
	W("see all"), W("scroll down"), W("back to top"), W("top"),
	W("getty images"), W("more"), W("newsletter"), W("sign up"),
	W("subscribe"), W("log in"), W("login"), W("register"), W("skip"),
	W("continue"), W("view gallery"), W("read the full story"),
	W("full story"), W("show more"), W("hide caption"), W("toggle caption"),
	W("enlarge this image"), W("enlarge"), W("play"), W("mute"), W("pause"),
};

static const struct str beginning[] = {
	W("read more"), W("read also"), W("also read"), W("read:"),
	W("see also"), W("share this"), W("share on"), W("share via"),
	W("follow us"), W("follow me on"), W("click here to"),
	W("click to tweet"), W("sign up for"), W("sign up to"),
	W("subscribe to"), W("subscribe now"), W("related:"),
	W("related story:"), W("related article:"), W("more:"), W("more on:"),
	W("photo:"), W("photos:"), W("photo by"), W("photo credit"),
	W("photograph:"), W("photography:"), W("image:"), W("image credit"),
	W("image via"), W("image source"), W("images:"), W("picture:"),
	W("pictures:"), W("credit:"), W("media playback"), W("video:"),
	W("watch:"), W("watch now"), W("listen:"), W("listen now"),
	W("story continues below"), W("article continues below"),
	W("continue reading"), W("loading..."), W("copyright "), W("\xC2\xA9"),
	W("(c) 20"), W("filed under"), W("filed to"), W("tagged with"),
	W("tags:"), W("topics:"), W("by clicking"), W("skip to "),
	W("scroll for more"), W("image 1 of"), W("published:"), W("updated:"),
	W("last updated"), W("posted on"), W("posted by"), W("posted in"),
	W("first published"), W("written by "),
	W("this article was originally"), W("download the "), W("see it at"),
	W("get the app"), W("foto:"), W("\xD1\x84\xD0\xBE\xD1\x82\xD0\xBE:"),
	W("leia tamb\xC3\xA9m"), W("leia mais"), W("veja tamb\xC3\xA9m"),
	W("ver tamb\xC3\xA9m"), W("lea tambi\xC3\xA9n"),
	W("lee tambi\xC3\xA9n"), W("vea tambi\xC3\xA9n"), W("lire aussi"),
	W("lesen sie auch"), W("mehr zum thema"), W("leggi anche"),
	W("\xD1\x87\xD0\xB8\xD1\x82\xD0\xB0\xD0\xB9\xD1\x82"
	    "\xD0\xB5 \xD1\x82\xD0\xB0\xD0\xBA\xD0\xB6\xD0\xB5"),
	W("baca juga"), W("lees ook"), W("[button"), W("[caption"),
	W("[gallery"),
};

static const struct str having[] = {
	W("click to tweet"), W("getty images)"), W("via getty"), W("(ap photo"),
	W("afp/getty"),
};

static const struct str whole_end[] = {
	W("related"), W("related stories"), W("related articles"),
	W("related posts"), W("related news"), W("related content"),
	W("related topics"), W("related reading"), W("related links"),
	W("related coverage"), W("related videos"), W("you may also like"),
	W("you might also like"), W("you may also be interested in"),
	W("you might also be interested in"), W("you may like"),
	W("you might like"), W("you may like these posts"), W("more stories"),
	W("more news"), W("more from"), W("read next"), W("up next"),
	W("next up"), W("recommended"), W("recommended for you"),
	W("recommended stories"), W("recommended articles"),
	W("recommended reading"), W("most popular"), W("most read"),
	W("most viewed"), W("popular stories"), W("popular posts"),
	W("popular articles"), W("trending"), W("trending now"),
	W("trending stories"), W("latest stories"), W("latest news"),
	W("latest articles"), W("recent posts"), W("recent articles"),
	W("recent stories"), W("around the web"), W("from the web"),
	W("sponsored links"), W("sponsored content"), W("sponsored stories"),
	W("promoted stories"), W("what to read next"), W("editors' picks"),
	W("editor's picks"), W("about the author"), W("about the authors"),
	W("about author"), W("post navigation"), W("tags"),
	W("artigos relacionados"), W("not\xC3\xAD" "cias relacionadas"),
	W("noticias relacionadas"), W("art\xC3\xAD" "culos relacionados"),
	W("\xC3\xA4hnliche artikel"), W("articles similaires"),
	W("articoli correlati"),
	W("\xD0\xBF\xD0\xBE\xD1\x85\xD0\xBE\xD0\xB6\xD0\xB8"
	    "\xD0\xB5 \xD1\x81\xD1\x82\xD0\xB0\xD1\x82\xD1\x8C"
	    "\xD0\xB8"),
	W("artikel terkait"),
};

static const struct str beginning_end[] = {
	W("more from "), W("you may also"), W("you might also"),
	W("related roundup"), W("more great "), W("don't miss"),
	W("read these next"), W("more like this"), W("more stories from"),
	W("more news from"), W("top stories"), W("previous post"),
	W("next post"), W("previous article"), W("next article"),
	W("previous:"), W("next:"),
};

static const struct str whole_comments[] = {
	W("comments"), W("comment"), W("add a comment"), W("leave a comment"),
	W("post a comment"), W("leave a reply"), W("leave your comment"),
	W("join the conversation"), W("join the discussion"),
	W("view comments"), W("show comments"), W("top rated comments"),
	W("reader comments"), W("tell us what you think"),
	W("what do you think"), W("share your thoughts"),
	W("coment\xC3\xA1rios"), W("comentarios"),
	W("deixe um coment\xC3\xA1rio"), W("deja un comentario"),
	W("kommentare"), W("kommentar schreiben"), W("commentaires"),
	W("laisser un commentaire"), W("commenti"), W("lascia un commento"),
	W("\xD0\xBA\xD0\xBE\xD0\xBC\xD0\xBC\xD0\xB5\xD0\xBD"
	    "\xD1\x82\xD0\xB0\xD1\x80\xD0\xB8\xD0\xB8"),
	W("\xD0\xB4\xD0\xBE\xD0\xB1\xD0\xB0\xD0\xB2\xD0\xB8"
	    "\xD1\x82\xD1\x8C \xD0\xBA\xD0\xBE\xD0\xBC\xD0\xBC"
	    "\xD0\xB5\xD0\xBD\xD1\x82\xD0\xB0\xD1\x80\xD0\xB8"
	    "\xD0\xB9"),
	W("\xD0\xB4\xD0\xBE\xD0\xB1\xD0\xB0\xD0\xB2\xD0\xB8"
	    "\xD1\x82\xD1\x8C \xD0\xBE\xD1\x82\xD0\xB7\xD1\x8B"
	    "\xD0\xB2"),
	W("komentar"), W("tinggalkan komentar"), W("reacties"), W("yorumlar"),
	W("\xE3\x82\xB3\xE3\x83\xA1\xE3\x83\xB3\xE3\x83\x88"),
	W("\xE8\xAF\x84\xE8\xAE\xBA"), W("\xEB\x8C\x93\xEA\xB8\x80"),
};

static const struct str beginning_comments[] = {
	W("comments ("), W("comments for"), W("leave a reply"),
	W("leave a comment"), W("be the first to comment"),
	W("sign in to comment"), W("log in to comment"),
	W("comments are closed"),
};

enum how { WHOLE, BEGINS, HAS };

static const struct group {
	const struct str	*list;
	size_t			 n;
	enum how		 how;
	enum article_label	 label;
} groups[] = {
#define GROUP(list, how, label)	{ list, N(list), how, ARTICLE_##label }
	GROUP(whole, WHOLE, LABEL),
	GROUP(beginning, BEGINS, LABEL),
	GROUP(having, HAS, LABEL),
	GROUP(whole_end, WHOLE, LABEL_END),
	GROUP(beginning_end, BEGINS, LABEL_END),
	GROUP(whole_comments, WHOLE, LABEL_COMMENTS),
	GROUP(beginning_comments, BEGINS, LABEL_COMMENTS),
#undef GROUP
};

/* "12 comments", "(3) Comments:". */
static struct str
without_number(struct str s)
{
	while (s.n > 0 && ((*s.p >= '0' && *s.p <= '9') || *s.p == ' ' ||
	    (*s.p == '(' && s.n > 1 && s.p[1] >= '0' && s.p[1] <= '9') ||
	    *s.p == ')'))
		s = str_sub(s, 1, s.n);
	return s;
}

static struct str
without_marks(struct str s)
{
	while (s.n > 0 && strchr(" :.!?>()0123456789", s.p[s.n - 1]) != NULL)
		s.n--;
	return s;
}

static bool
is_in(struct str s, struct str bare, const struct group *g)
{
	if (g->how == HAS)
		return has_any(s, g->list, g->n);
	for (size_t i = 0; i < g->n; i++)
		if (*g->list[i].p == *s.p && (g->how == WHOLE ?
		    str_eq(bare, g->list[i]) : str_starts(s, g->list[i])))
			return true;
	return false;
}

enum article_label
article_rules_label(struct str s)
{
	char copy[MAX_LABEL];
	struct str bare;

	s = str_trim(s);
	if (s.n > sizeof(copy))
		return ARTICLE_NO_LABEL;
	s = without_number(lower(s, copy, sizeof(copy)));
	bare = without_marks(s);
	for (size_t i = 0; i < N(groups) && bare.n > 0; i++)
		if (is_in(s, bare, &groups[i]))
			return groups[i].label;
	return ARTICLE_NO_LABEL;
}

/* -- Sentences ------------------------------------------------------------ */


/* Each row: both of its words. */
static const struct str notices[][2] = {
	{ W("cookies"), W("we use") }, { W("cookies"), W("uses cookies") },
	{ W("cookies"), W("use of cookies") },
	{ W("cookies"), W("privacy") }, { W("cookies"), W("accept") },
	{ W("follow"), W(" on twitter") }, { W("follow"), W("on facebook") },
	{ W("follow"), W("on instagram") },
	{ W("subscribe"), W("newsletter") }, { W("sign up"), W("newsletter") },
	{ W("subscribe to"), W("inbox") }, { W("sign up"), W("inbox") },
	{ W("newsletter"), W("inbox") },
	{ W("material may not be"), W("published") },
	{ W("all rights reserved"), W(" ") },
	{ W("subject to copyright"), W(" ") },
	{ W("email address will not be"), W(" ") },
	{ W("uses akismet"), W(" ") }, { W("save my name, email"), W(" ") },
	{ W("have a tip"), W(" ") }, { W("reached at"), W("@") },
	{ W("terms of"), W("privacy policy") },
	{ W("enable javascript"), W(" ") },
	{ W("browser does not support"), W(" ") },
};

bool
article_rules_is_notice(struct str s)
{
	char copy[MAX_NOTICE];

	if (s.n > sizeof(copy))
		return false;
	s = lower(s, copy, sizeof(copy));
	for (size_t i = 0; i < N(notices); i++)
		if (has(s, notices[i][0]) && has(s, notices[i][1]))
			return true;
	return false;
}

bool
article_rules_is_sentence(struct str s)
{
	static const struct str ends[] = { W("."), W("!"), W("?"), W(":"),
		W(";"), W("\""), W("\xE2\x80\x9D"), W("\xE2\x80\x99"),
		W("\xE2\x80\xA6"), W("\xC2\xBB"), W("\xE3\x80\x82"),
		W("\xEF\xBC\x81"), W("\xEF\xBC\x9F"), W("\xE3\x80\x8D"),
		W("\xE0\xA5\xA4"), W("\xD8\x9F"), W("\xDB\x94") };

	for (size_t i = 0; i < N(ends); i++)
		if (s.n > ends[i].n && str_eq(str_sub(s, s.n - ends[i].n,
		    ends[i].n), ends[i]))
			return true;
	return false;
}

/* -- Walls ---------------------------------------------------------------- */

bool
article_rules_asks_consent(struct str s)
{
	static const struct str list[] = {
		W("before you continue to"), W("we value your privacy"),
		W("we care about your privacy"), W("your privacy choices"),
		W("consent to the use of"), W("is part of the yahoo family"),
		W("and our partners store"), W("and our partners use"),
		W("our partners to process"), W("manage your consent"),
		W("cookie consent"), W("cookie settings"),
		W("accept all cookies"), W("accept cookies to continue"),
		W("agree and continue"), W("zustimmen und weiter"),
		W("mit werbung und tracking"), W("cookies zustimmen"),
		W("alle akzeptieren"), W("accepter et continuer"),
		W("accepter et fermer"), W("tout accepter"),
		W("accetta e continua"), W("aceptar y continuar"),
		W("akkoord en doorgaan"), W("alles accepteren"),
	};
	char copy[MAX_PAGE_START];

	return has_any(lower(s, copy, sizeof(copy)), list, N(list));
}

bool
article_rules_asks_payment(struct str s)
{
	static const struct str list[] = {
		W("subscribe to continue"), W("subscribe to read"),
		W("to continue reading"), W("to keep reading"),
		W("to read the full"), W("to read this article"),
		W("only available to subscribers"), W("for subscribers only"),
		W("exclusive to subscribers"), W("subscriber-only"),
		W("subscribers can read"), W("already a subscriber"),
		W("already a member"), W("reached your limit of"),
		W("reached your article limit"),
		W("nur f\xC3\xBCr abonnenten"), W("jetzt weiterlesen"),
		W("r\xC3\xA9serv\xC3\xA9 aux abonn"),
		W("para suscriptores"), W("para assinantes"),
		W("riservato agli abbonati"),
	};
	char copy[MAX_NOTICE];

	return s.n <= sizeof(copy) &&
	    has_any(lower(s, copy, sizeof(copy)), list, N(list));
}
