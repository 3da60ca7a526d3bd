/* SPDX-License-Identifier: ISC */
#include "feeds/page_schema.h"

#define S(lit)	{ (lit), sizeof(lit) - 1 }

/* All that end in "Article" are articles, of which new ones are made often
 * (OpinionNewsArticle, ReportageNewsArticle). */
static const struct {
	struct str		name;
	enum schema_class	class;
} types[] = {
	{ S("BlogPosting"), SCHEMA_ARTICLE },
	{ S("LiveBlogPosting"), SCHEMA_ARTICLE },
	{ S("SocialMediaPosting"), SCHEMA_ARTICLE },
	{ S("DiscussionForumPosting"), SCHEMA_ARTICLE },
	{ S("Report"), SCHEMA_ARTICLE },
	{ S("WebSite"), SCHEMA_SITE },
	{ S("WebPage"), SCHEMA_PAGE }, { S("ItemPage"), SCHEMA_PAGE },
	{ S("AboutPage"), SCHEMA_PAGE }, { S("FAQPage"), SCHEMA_PAGE },
	{ S("MedicalWebPage"), SCHEMA_PAGE },
	{ S("CreativeWork"), SCHEMA_PAGE }, { S("Review"), SCHEMA_PAGE },
	{ S("ClaimReview"), SCHEMA_PAGE }, { S("Recipe"), SCHEMA_PAGE },
	{ S("HowTo"), SCHEMA_PAGE },
};

/* Behind the vocabulary's name. */
static struct str
bare(struct str type)
{
	size_t from = type.n;

	while (from > 0 && strchr("/#:", type.p[from - 1]) == NULL)
		from--;
	return str_sub(type, from, type.n);
}

enum schema_class
page_schema_class(struct str type)
{
	struct str name = bare(str_trim(type)), end = STR("article");

	if (name.n >= end.n &&
	    str_eq_nocase(str_sub(name, name.n - end.n, end.n), end))
		return SCHEMA_ARTICLE;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq_nocase(name, types[i].name))
			return types[i].class;
	return SCHEMA_OTHER;
}

enum schema_class
page_schema_class_of_list(struct str list)
{
	enum schema_class best = SCHEMA_OTHER, class;
	struct str word;

	while ((word = str_next_word(&list)).n > 0) {
		class = page_schema_class(word);
		best = class > best ? class : best;
	}
	return best;
}
