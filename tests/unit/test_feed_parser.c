/* SPDX-License-Identifier: ISC */
/* feeds/feed_parser: what is read, and when it is given. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed_parser_rig.h"

static const struct feed_case item_cases[] = {
	{ "an RSS item", ITEM("<title>T</title><link>http://e.org/1</link>"
	    "<description>&lt;b&gt;D&lt;/b&gt;</description>"
	    "<guid isPermaLink='false'>g</guid><author>jo@e.org (Jo S.)"
	    "</author><category>c</category><category>d</category>"
	    "<category>c</category><pubDate>Thu, 01 Jan 2004 19:48:21 GMT"
	    "</pubDate><enclosure url='http://e.org/a.mp3' length='123' "
	    "type='audio/mpeg'/>"),
	    "item\nid=g\nurl=http://e.org/1\ntitle=T\n"
	    "summary(html)=<b>D</b>\npublished=1072986501\n"
	    "author=Jo S.|jo@e.org|\ntag=c\ntag=d\n"
	    "file=http://e.org/a.mp3|audio/mpeg|123\n" },
	{ "each item at its own end", RSS("<item><title>1</title></item>"
	    "<item><title>2</title></item>"),
	    "item\ntitle=1\nitem\ntitle=2\n" },
	{ "items behind the channel", "<rss><channel/><item><title>T</title>"
	    "</item></rss>", "item\ntitle=T\n" },
	{ "items in an element nobody knows", RSS("<stories><item><title>T"
	    "</title></item></stories>"), "item\ntitle=T\n" },
	{ "an empty item", ITEM(""), "item\n" },
	{ "content beside the description",
	    ITEM("<description>D</description><content:encoded><![CDATA[<p>C"
	    "</p>]]></content:encoded>"),
	    "item\nsummary(html)=D\ncontent(html)=<p>C</p>\n" },
	{ "content before the description, a declared namespace",
	    "<rss xmlns:c='http://purl.org/rss/1.0/modules/content/'><channel>"
	    "<item><c:encoded>C</c:encoded><description>D</description>"
	    "</item></channel></rss>",
	    "item\nsummary(html)=D\ncontent(html)=C\n" },
	{ "RSS in Atom's namespace, and in XHTML's",
	    "<rss xmlns='http://www.w3.org/2005/Atom'><channel><item><title>A"
	    "</title><link>http://e.org/</link></item></channel></rss>",
	    "item\nurl=http://e.org/\ntitle=A\n" },
	{ "a namespace declared on the channel or the item",
	    "<rss><channel xmlns='http://www.w3.org/1999/xhtml'><item xmlns="
	    "'http://www.w3.org/2005/Atom'><title>A</title><pubDate>2004-01-01"
	    "T19:48:21Z</pubDate></item></channel></rss>",
	    "item\ntitle=A\npublished=1072986501\n" },
	{ "https for http, and a slash too few",
	    "<rss xmlns:d='https://purl.org/dc/elements/1.1' xmlns:c='https://"
	    "purl.org/rss/1.0/modules/content'><channel><item><d:creator>Jo"
	    "</d:creator><c:encoded>C</c:encoded></item></channel></rss>",
	    "item\ncontent(html)=C\nauthor=Jo||\n" },
	{ "a namespaced title does not shadow a plain one",
	    ITEM("<svg xmlns='http://www.w3.org/2000/svg'><title>S</title>"
	    "</svg><media:title>M</media:title><title>T</title>"),
	    "item\ntitle=T\n" },
	{ "a prefix that means something else here",
	    "<rss xmlns:content='urn:x'><channel><item><content:encoded>C"
	    "</content:encoded></item></channel></rss>", "item\n" },
	{ "media:title and itunes:title do not hide the title",
	    ITEM("<media:title>M</media:title><title>T</title><itunes:title>I"
	    "</itunes:title><media:group><media:title>N</media:title>"
	    "</media:group>"), "item\ntitle=T\n" },
	{ "but stand in where there is none",
	    ITEM("<media:group><media:title>M</media:title>"
	    "<media:description>D</media:description></media:group>"),
	    "item\ntitle=M\nsummary(html)=D\n" },
	{ "a second, empty link does not undo the first",
	    ITEM("<link>http://e.org/1</link><link/>"),
	    "item\nurl=http://e.org/1\n" },
	{ "a link in an attribute", ITEM("<link href='http://e.org/1'/>"),
	    "item\nurl=http://e.org/1\n" },
	{ "the guid is the link where there is none",
	    ITEM("<guid>http://e.org/1</guid>"),
	    "item\nid=http://e.org/1\nurl=http://e.org/1\n" },
	{ "unless it says that it is not",
	    ITEM("<guid isPermaLink='false'>http://e.org/1</guid>"),
	    "item\nid=http://e.org/1\n" },
	{ "or is no URL", ITEM("<guid>tag:e.org,2026:1</guid>"),
	    "item\nid=tag:e.org,2026:1\n" },
	{ "the image's and the source's title are not the item's",
	    ITEM("<source url='x'>S</source><image><title>I</title></image>"
	    "<title>T</title>"), "item\ntitle=T\n" },
	{ "titles are plain text", ITEM("<title>&lt;b&gt;A&lt;/b&gt; &amp;amp;"
	    "\n B</title>"), "item\ntitle=A & B\n" },
	{ "titles with bare tags", ITEM("<title>A <b>B</b></title>"),
	    "item\ntitle=A B\n" },
	{ "titles that only look like HTML",
	    ITEM("<title>List&lt;String&gt; &amp;amp; 1 &lt; 2</title>"),
	    "item\ntitle=List<String> & 1 < 2\n" },
	{ "HTML that nobody escaped", ITEM("<description>a <b class=\"x\">b"
	    "</b><br>c</description><title>T</title>"),
	    "item\ntitle=T\nsummary(html)=a <b class=\"x\">b</b><br>c\n" },
	{ "a summary before the description", ITEM("<summary>S</summary>"
	    "<description>D</description>"),
	    "item\nsummary(html)=S\ncontent(html)=D\n" },
	{ "a summary behind the description", ITEM("<description>D"
	    "</description><summary>S</summary>"),
	    "item\nsummary(html)=S\ncontent(html)=D\n" },
	{ "the same in Atom, in both orders",
	    ATOM("<entry><summary>S</summary><description>D</description>"
	    "</entry><entry><description>D</description><summary>S</summary>"
	    "</entry>"),
	    "item\nsummary(plain)=S\ncontent(html)=D\n"
	    "item\nsummary(plain)=S\ncontent(html)=D\n" },
	{ "zeros of programs are no dates",
	    RSS("<item><pubDate>0001-01-01T00:00:00Z</pubDate></item><item>"
	    "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>"),
	    "item\nitem\n" },
	{ "and content beside both", ITEM("<summary>S</summary><description>D"
	    "</description><content:encoded>C</content:encoded>"),
	    "item\nsummary(html)=S\ncontent(html)=C\n" },
	{ "a body, with its tags", ITEM("<body><p>a<br/></p></body>"),
	    "item\ncontent(html)=<p>a<br></p>\n" },
	{ "Atom's names without its namespace", ITEM("<id>i</id><published>"
	    "2004-01-01T19:48:21Z</published>"),
	    "item\nid=i\npublished=1072986501\n" },
	{ "media:content where nothing else is attached",
	    ITEM("<media:group><media:content url='http://e.org/a' fileSize="
	    "'7' type='image/png'><media:title>M</media:title></media:content>"
	    "<media:content url='http://e.org/b'/></media:group>"),
	    "item\ntitle=M\nfile=http://e.org/a|image/png|7\n"
	    "file=http://e.org/b||0\n" },
	{ "and not beside an enclosure, in any order",
	    RSS("<item><media:content url='http://e.org/a'/><enclosure "
	    "url='http://e.org/b'/></item><item><enclosure url='http://e.org/b"
	    "'/><media:content url='http://e.org/a'/></item>"),
	    "item\nfile=http://e.org/b||0\nitem\nfile=http://e.org/b||0\n" },
	{ "iTunes categories within each other, keywords",
	    ITEM("<itunes:category text='A'><itunes:category text='B &amp; C'/>"
	    "</itunes:category><itunes:keywords>d, A , ,e</itunes:keywords>"),
	    "item\ntag=A\ntag=B & C\ntag=d\ntag=e\n" },
	{ "georss is left aside", ITEM("<georss:point>1 2</georss:point>"
	    "<georss:where><title>X</title></georss:where><title>T</title>"),
	    "item\ntitle=T\n" },

	{ "Dublin Core for what RSS lacks",
	    ITEM("<dc:creator>Jo</dc:creator><dc:subject>c</dc:subject>"
	    "<dc:date>2003-12-31T10:14:55Z</dc:date>"
	    "<dc:language>de</dc:language>"),
	    "item\nlang=de\npublished=1072865695\nupdated=1072865695\n"
	    "author=Jo||\ntag=c\n" },
	{ "pubDate goes before dc:date",
	    ITEM("<dc:date>2003-12-31T10:14:55Z</dc:date>"
	    "<pubDate>01 Jan 2004 19:48:21 GMT</pubDate>"),
	    "item\npublished=1072986501\nupdated=1072865695\n" },
	{ "people, however written",
	    ITEM("<author>Jo S. &lt;jo@e.org&gt;</author><author>al@e.org"
	    "</author><author>Bo  B.</author><author>Cy (cy@e.org)</author>"
	    "<author>al@e.org</author><author>mailto:di@e.org</author>"),
	    "item\nauthor=Jo S.|jo@e.org|\nauthor=|al@e.org|\n"
	    "author=Bo B.||\nauthor=Cy|cy@e.org|\nauthor=|di@e.org|\n" },
	{ "an address has something on both sides of the @",
	    ITEM("<author>@NASA</author><author>a@</author><author>@</author>"
	    "<author>@jo@social.example</author><author>a@1</author><author>"
	    "https://e.org/@jo</author><author>@e (bo@e)</author><author>"
	    "di@\xC3\xA9.example</author><author>cy@.</author>"),
	    "item\nauthor=@NASA||\nauthor=a@||\nauthor=@||\n"
	    "author=@jo@social.example||\nauthor=a@1||\n"
	    "author=https://e.org/@jo||\nauthor=@e|bo@e|\n"
	    "author=|di@\xC3\xA9.example|\nauthor=|cy@.|\n" },
	{ "an address that is given as its own name",
	    ITEM("<author>a@e.org (a@e.org)</author>"),
	    "item\nauthor=|a@e.org|\n" },
	{ "several people in one element",
	    RSS("<item><author>a@e.org (A), b@e.org (B, C);c@e.org</author>"
	    "</item><item><dc:creator>\"D, E\" &lt;d@e.org>; F f@e.org,"
	    "</dc:creator></item>"),
	    "item\nauthor=A|a@e.org|\nauthor=B, C|b@e.org|\n"
	    "author=|c@e.org|\nitem\nauthor=D, E|d@e.org|\n"
	    "author=F|f@e.org|\n" },
	{ "a comma within a name", ITEM("<author>Smith, John</author><author>"
	    "Doe, Jane (j@e.org)</author><author>k@e.org (Kay, (M), N"
	    "</author><author>l@e.org,</author>"),
	    "item\nauthor=Smith, John||\nauthor=Doe, Jane|j@e.org|\n"
	    "author=Kay, (M), N|k@e.org|\nauthor=|l@e.org|\n" },
	{ "a module's authors stand in, the item's own go first",
	    RSS("<item><itunes:author>I</itunes:author><author>a@e.org (A)"
	    "</author><dc:creator>D</dc:creator></item><item><dc:creator>D"
	    "</dc:creator><itunes:author>I</itunes:author><dc:author>E"
	    "</dc:author></item><item><itunes:author>I</itunes:author>"
	    "<author> </author><dc:creator/></item><item><media:credit>M"
	    "</media:credit></item>"),
	    "item\nauthor=A|a@e.org|\nitem\nauthor=D||\nauthor=E||\n"
	    "item\nauthor=I||\nitem\n" },
	{ "a module lends its name to an address, in any order",
	    RSS("<item><author>a@e.org</author><dc:creator>A</dc:creator>"
	    "<itunes:author>I</itunes:author></item><item><dc:creator>A"
	    "</dc:creator><author>a@e.org</author></item><item>"
	    "<itunes:author>I</itunes:author><author>a@e.org</author></item>"),
	    "item\nauthor=A|a@e.org|\nitem\nauthor=A|a@e.org|\n"
	    "item\nauthor=I|a@e.org|\n" },
	{ "what is lent beyond that stands for itself",
	    RSS("<item><author>x@e.org</author><dc:creator>A</dc:creator>"
	    "<dc:creator>B</dc:creator></item><item><author>x@e.org</author>"
	    "<dc:creator>a@e.org (A)</dc:creator></item><item><author>x@e.org"
	    "</author><author>y@e.org</author><dc:creator>A</dc:creator>"
	    "</item><item><author>x@e.org</author><dc:creator>y@e.org"
	    "</dc:creator></item>"),
	    "item\nauthor=A|x@e.org|\nauthor=B||\n"
	    "item\nauthor=|x@e.org|\nauthor=A|a@e.org|\n"
	    "item\nauthor=A|x@e.org|\nauthor=|y@e.org|\n"
	    "item\nauthor=|x@e.org|\n" },
	{ "the same person with and without an address",
	    RSS("<item><author>b@e.org (Bob)</author><author>Bob</author>"
	    "</item><item><dc:creator>Bob</dc:creator><dc:creator>b@e.org "
	    "(Bob)</dc:creator></item><item><author>b@e.org</author><author>"
	    "b@e.org (Bob)</author></item><item><author>b@e.org (Bob)</author>"
	    "<author>c@e.org (Bob)</author><author>b@e.org (Al)</author>"
	    "</item>"),
	    "item\nauthor=Bob|b@e.org|\nitem\nauthor=Bob|b@e.org|\n"
	    "item\nauthor=Bob|b@e.org|\nitem\nauthor=Bob|b@e.org|\n"
	    "author=Bob|c@e.org|\nauthor=Al|b@e.org|\n" },
	{ "a person's parts, as in Atom",
	    RSS("<item><author><name>A &amp;amp; B</name><email>n@e</email>"
	    "<uri>/n</uri></author><author>\n <url>http://e.org/u</url>"
	    "<name>C <b>D</b></name> (Ed.)</author><author>E<email>e@e"
	    "</email> F<role>G</role></author><author>H <b>I</b> J</author>"
	    "<author><name/></author><title>T</title></item>"),
	    "item\ntitle=T\nauthor=A & B|n@e|http://base.example/n\n"
	    "author=C D||http://e.org/u\nauthor=E|e@e|\nauthor=H I J||\n" },
	{ "a person's parts of another namespace, or not ended",
	    RSS("<item><author xmlns:a='http://www.w3.org/2005/Atom'><a:name>A"
	    "</a:name></author><author><x:name>B</x:name></author></item>"
	    "<item><author><name>C</author><title>T</title></item>"),
	    "item\nauthor=A||\nauthor=B||\nitem\ntitle=T\nauthor=C||\n" },
	{ "references left in names and tags are read once",
	    ITEM("<author><![CDATA[Jos&eacute; &lt;j@e.org&gt;]]></author>"
	    "<author>AT&amp;T; &amp;amp;amp;</author>"
	    "<category><![CDATA[R &amp; D]]></category><category>AT&amp;T"
	    "</category><dc:subject>a &amp;amp;lt; b</dc:subject>"
	    "<itunes:category text='C &amp;amp; D'/><itunes:keywords>e &amp;"
	    "amp; f, &amp;eacute;</itunes:keywords>"),
	    "item\nauthor=Jos\xC3\xA9|j@e.org|\nauthor=AT&T; &amp;||\n"
	    "tag=R & D\ntag=AT&T\ntag=a &lt; b\ntag=C & D\ntag=e & f\n"
	    "tag=\xC3\xA9\n" },
	{ "but not those in Atom, which are meant",
	    ENTRY("<author><name>A &amp;lt; B</name></author><category "
	    "term='C &amp;amp; D'/>"),
	    "item\nauthor=A &lt; B||\ntag=C &amp; D\n" },
	{ "the source's authors where the entry has none",
	    ATOM("<entry><source><title>S</title><author><name>A</name>"
	    "<uri>/a</uri></author></source></entry><entry><source><author>"
	    "<name>A</name></author></source><author><email>b@e.org</email>"
	    "</author></entry><entry><source><author><name>A</name></author>"
	    "</source><dc:creator>C</dc:creator></entry><entry><author/>"
	    "<source><author><name>A</name></author><contributor><name>D"
	    "</name></contributor></source></entry>"),
	    "item\nauthor=A||http://base.example/a\n"
	    "item\nauthor=|b@e.org|\nitem\nauthor=C||\n"
	    "item\nauthor=A||\n" },
	{ "any case of names", "<RSS><Channel><ITEM><Title>T</Title><PUBDATE>"
	    "01 Jan 2004 19:48:21 GMT</PUBDATE></ITEM></Channel></RSS>",
	    "item\ntitle=T\npublished=1072986501\n" },
	{ "an ampersand in an attribute",
	    ITEM("<enclosure url='http://e.org/?a=1&amp;b=2&c=3'/>"),
	    "item\nfile=http://e.org/?a=1&b=2&c=3||0\n" },
	{ "atom:link in RSS", ITEM("<atom:link rel='enclosure' href="
	    "'http://e.org/a' length='-5'/><atom:link href='http://e.org/2'/>"
	    "<link>http://e.org/1</link>"),
	    "item\nurl=http://e.org/1\nfile=http://e.org/a||0\n" },
	{ "XHTML in RSS", ITEM("<xhtml:body><p>a &lt; b</p></xhtml:body>"),
	    "item\ncontent(html)=<p>a &lt; b</p>\n" },
	{ "CDATA and text in one", ITEM("<title>a<![CDATA[ & b]]> c</title>"),
	    "item\ntitle=a & b c\n" },

	{ "an Atom entry", ENTRY("<id>urn:1</id><title>T</title>"
	    "<link href='http://e.org/1'/><summary>S &lt;</summary>"
	    "<content type='html'>&lt;p&gt;C</content>"
	    "<published>2003-12-31T10:14:55Z</published>"
	    "<updated>2004-01-01T19:48:21Z</updated><author><name>Jo</name>"
	    "<email>jo@e.org</email><uri>http://e.org/jo</uri></author>"
	    "<category term='c' label='C'/><category label='D'/>"),
	    "item\nid=urn:1\nurl=http://e.org/1\ntitle=T\n"
	    "summary(plain)=S <\ncontent(html)=<p>C\npublished=1072865695\n"
	    "updated=1072986501\nauthor=Jo|jo@e.org|http://e.org/jo\n"
	    "tag=c\ntag=D\n" },
	{ "Atom's text is no markup", ENTRY("<title>&lt;b&gt; &amp;amp;"
	    "</title>"), "item\ntitle=<b> &amp;\n" },
	{ "Atom's html is", ENTRY("<title type='html'>&lt;b&gt;A&lt;/b&gt; "
	    "&amp;amp; B</title>"), "item\ntitle=A & B\n" },
	{ "xhtml without its div", ENTRY("<content type='xhtml'>"
	    "<div xmlns='http://www.w3.org/1999/xhtml'><p class=\"a&amp;'&quot;"
	    "\">x &lt; y</p><div>z</div><br/></div></content>"),
	    "item\ncontent(html)=<p class=\"a&#38;'&quot;\">x &lt; y</p>"
	    "<div>z</div><br>\n" },
	{ "an xhtml title", ENTRY("<title type='xhtml'><div>A <b>B</b></div>"
	    "</title>"), "item\ntitle=A B\n" },
	{ "content that is elsewhere, or a picture",
	    ENTRY("<content src='http://e.org/x' type='text/html'>x</content>"
	    "<summary type='image/png'>iVBORw0KGgo=</summary>"),
	    "item\nurl=http://e.org/x\n" },
	{ "where that content stands is where the item is, without a link",
	    ATOM("<entry><content src='x'/><link href='/l'/></entry><entry>"
	    "<link href='/l'/><content src='x'/></entry><entry><link "
	    "rel='enclosure' href='/e'/><content src=' x '/></entry>"
	    "<entry><content src=''/></entry>"),
	    "item\nurl=http://base.example/l\nitem\n"
	    "url=http://base.example/l\nitem\n"
	    "url=http://base.example/feeds/x\n"
	    "file=http://base.example/e||0\nitem\n" },
	{ "links by their relation", ENTRY("<link rel='self' href='http://e."
	    "org/s'/><link rel='alternate' type='application/json' href="
	    "'http://e.org/j'/><link rel='http://www.iana.org/assignments/"
	    "relation/alternate' type='text/html' href='http://e.org/h'/>"
	    "<link rel='enclosure' type='a/b' length='5' href='http://e.org/e'"
	    "/>"), "item\nurl=http://e.org/h\nfile=http://e.org/e|a/b|5\n" },
	{ "what is in atom:source is another feed's",
	    ENTRY("<source><title>S</title><id>s</id></source><title>T"
	    "</title>"), "item\ntitle=T\n" },
	{ "an undeclared prefix is taken as meant",
	    "<atom:feed><atom:entry><atom:title>T</atom:title></atom:entry>"
	    "</atom:feed>", "item\ntitle=T\n" },
	{ "Atom 0.3", "<feed version='0.3' xmlns='http://purl.org/atom/ns#'>"
	    "<entry><title mode='escaped' type='text/html'>&lt;i&gt;T"
	    "</title><issued>2003-12-31T10:14:55Z</issued><modified>2004-01-01"
	    "T19:48:21Z</modified><content type='application/xhtml+xml' mode="
	    "'xml'><p>C</p></content><summary mode='base64'>eA==</summary>"
	    "</entry></feed>",
	    "item\ntitle=T\nsummary(html)=x\ncontent(html)=<p>C</p>\n"
	    "published=1072865695\nupdated=1072986501\n" },
	{ "base64 of what may be text (RFC 4287, 4.1.3.3)",
	    ATOM("<entry><content type='application/octet-stream'>\n PGI+\n"
	    " YTwvYj4\n</content></entry><entry><content type='text/plain' "
	    "mode='base64'>PGI+YTwvYj4=</content></entry><entry><content "
	    "type='image/png'>PGI+YTwvYj4=</content></entry><entry><content "
	    "type='application/octet-stream'>/////w==</content></entry><entry>"
	    "<content type='application/octet-stream'>a<b/>%</content>"
	    "</entry>"),
	    "item\ncontent(html)=<b>a</b>\nitem\ncontent(plain)=<b>a</b>\n"
	    "item\nitem\nitem\n" },
	{ "a link written as text", ENTRY("<link rel='alternate'>http://e.org/"
	    "</link><link rel='enclosure' type='a/b'>http://e.org/f</link>"),
	    "item\nurl=http://e.org/\nfile=http://e.org/f|a/b|0\n" },
	{ "an id is kept as it stands", ENTRY("<id>/a</id>"), "item\nid=/a\n" },

	{ "an RDF item", RDF("<channel rdf:about='c'><items><rdf:Seq/></items>"
	    "</channel><item rdf:about='http://e.org/a'><title>T</title>"
	    "<dc:creator>Jo</dc:creator></item>"),
	    "item\nid=http://e.org/a\nurl=http://e.org/a\ntitle=T\n"
	    "author=Jo||\n" },

	{ "xml:lang holds for what is inside",
	    "<feed xml:lang='en'><entry><title>1</title></entry><entry xml:lang"
	    "='de'/><entry><content xml:lang='fr'>c</content></entry>"
	    "<entry/></feed>", "item\ntitle=1\nlang=en\nitem\nlang=de\n"
	    "item\ncontent(plain)=c\nlang=fr\nitem\nlang=en\n" },
	{ "xml:base, within each other",
	    "<feed xml:base='http://e.org/a/'><entry xml:base='b/'><link href="
	    "'c'/></entry><entry><link href='/d' xml:base='http://f.org'/>"
	    "</entry><entry><link href='?e&amp;f'/></entry></feed>",
	    "item\nurl=http://e.org/a/b/c\nitem\nurl=http://f.org/d\n"
	    "item\nurl=http://e.org/a/?e&f\n" },
	{ "xml:base of a text, and within it",
	    "<feed xml:base='http://e.org/a/'><entry><content type='xhtml'>"
	    "<div><a href='b'>1</a><p xml:base='c/'><img src='d' alt='e'/></p>"
	    "<a href='f'>2</a></div></content></entry><entry><summary "
	    "xml:base='http://f.org/' type='html'>&lt;a href='g'></summary>"
	    "</entry></feed>",
	    "item\ncontent(html)=<a href=\"b\">1</a><p base=\"c/\"><img "
	    "src=\"http://e.org/a/c/d\" alt=\"e\"></p><a href=\"f\">2</a>"
	    "\nbase=http://e.org/a/\nitem\nsummary(html)=<a href='g'>\n"
	    "base=http://f.org/\n" },
	{ "xml:base within a text, longer than what was kept so far",
	    "<feed><entry><content type='xhtml'><p xml:base='/a-folder-of-a-"
	    "length/that-is/well-over/sixty-four/bytes/'><img xml:base='b/' "
	    "src='c'/></p></content></entry></feed>",
	    "item\ncontent(html)=<p base=\"/a-folder-of-a-length/that-is/"
	    "well-over/sixty-four/bytes/\"><img base=\"b/\" src=\"http://base."
	    "example/a-folder-of-a-length/that-is/well-over/sixty-four/bytes/"
	    "b/c\"></p>\n" },
	{ "the document's own address", ITEM("<link>../x</link>"),
	    "item\nurl=http://base.example/x\n" },

	{ "an item that was not ended", RSS("<item><title>1</title>"
	    "<item><title>2</title></item>"),
	    "item\ntitle=1\nitem\ntitle=2\n" },
	{ "a title that was not ended", ITEM("<title>T") ,
	    "item\ntitle=T\n" },
	{ "only whole items of a document cut off",
	    "<rss><channel><item><title>1</title></item><item><title>2"
	    "</title>", "item\ntitle=1\n" },
	{ "nothing behind the root", "<rss/><rss><channel><item/></channel>"
	    "</rss>", "" },
	{ "an HTML entity, a bare ampersand, a stray less-than",
	    ITEM("<title>caf&eacute; & a < b</title>"),
	    "item\ntitle=caf\xC3\xA9 & a < b\n" },
	{ "entities declared by the document are not expanded",
	    "<!DOCTYPE rss [<!ENTITY a 'AAAA'><!ENTITY b '&a;&a;'><!ENTITY c "
	    "SYSTEM 'file:///etc/hostname'>]>" ITEM("<title>&b;&c;</title>"),
	    "item\ntitle=&b;&c;\n" },
};

static const struct feed_case feed_cases[] = {
	{ "an RSS channel", "<?xml version='1.0' encoding='utf-8'?>"
	    RSS("<title>T &amp;amp; U</title><link>http://e.org/</link>"
	    "<description>D</description><language>en-us</language>"
	    "<copyright>(c) &amp;copy; Jo</copyright><managingEditor>ed@e.org "
	    "(Ed)</managingEditor><pubDate>2003-12-31</pubDate><lastBuildDate>"
	    "01 Jan 2004 19:48:21 GMT</lastBuildDate><generator>G</generator>"
	    "<ttl>60</ttl><image><title>I</title><url>http://e.org/i</url>"
	    "<link>http://e.org/x</link></image><skipHours><hour>0</hour>"
	    "<hour>23</hour><hour>24</hour><hour>25</hour></skipHours>"
	    "<skipDays><day>Sunday</day><day>saturday</day></skipDays>"
	    "<atom:link rel='self' href='http://e.org/f'/>"
	    "<atom:link rel='hub' href='http://hub.org/'/>"
	    "<item><title>x</title></item>"),
	    "feed rss20\nencoding=utf-8\ntitle=T & U\nhome=http://e.org/\n"
	    "self=http://e.org/f\nhub=http://hub.org/\n"
	    "description(html)=D\nlang=en-us\nrights=(c) \xC2\xA9 Jo\n"
	    "generator=G\nicon=http://e.org/i\npublished=1072828800\n"
	    "updated=1072986501\nttl=60\nhours=8388609\ndays=65\n"
	    "author=Ed|ed@e.org|\n" },
	{ "a channel's people", RSS("<itunes:author>I</itunes:author>"
	    "<item><author>X</author></item><dc:creator>D</dc:creator>"
	    "<managingEditor>a@e.org (A), b@e.org</managingEditor>"),
	    "feed rss20\nencoding=utf-8\nauthor=A|a@e.org|\n"
	    "author=|b@e.org|\n" },
	{ "a channel cut off within an item", "<rss version='2.0'><channel>"
	    "<managingEditor>e@e.org</managingEditor><dc:creator>Ed"
	    "</dc:creator><item><author>X",
	    "feed rss20\nencoding=utf-8\nauthor=Ed|e@e.org|\n" },
	{ "an old RSS", "<rss version='0.91'><channel/></rss>",
	    "feed rss09x\nencoding=utf-8\n" },
	{ "an Atom feed", "<feed xmlns='http://www.w3.org/2005/Atom' "
	    "xml:lang='de'><id>urn:f</id><title type='html'>A&amp;amp;B"
	    "</title><subtitle>S</subtitle><link href='http://e.org/'/>"
	    "<link rel='self' href='http://e.org/f'/><rights>R</rights>"
	    "<generator uri='x' version='1'>G</generator>"
	    "<icon>http://e.org/i</icon><logo>http://e.org/l</logo>"
	    "<updated>2004-01-01T19:48:21Z</updated><author><name>Jo</name>"
	    "</author><author/><entry><author><name>X</name></author></entry>"
	    "</feed>",
	    "feed atom10\nencoding=utf-8\nid=urn:f\ntitle=A&B\n"
	    "home=http://e.org/\nself=http://e.org/f\n"
	    "description(plain)=S\nlang=de\nrights=R\ngenerator=G\n"
	    "icon=http://e.org/i\nupdated=1072986501\nauthor=Jo||\n" },
	{ "Atom 0.3", "<feed version='0.3'><tagline>S</tagline></feed>",
	    "feed atom03\nencoding=utf-8\ndescription(plain)=S\n" },
	{ "RSS 1.0", RDF("<channel rdf:about='http://e.org/c'><title>T</title>"
	    "<dc:language>fr</dc:language><sy:updatePeriod>hourly"
	    "</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
	    "</channel><image><url>http://e.org/i</url></image>"
	    "<textinput><title>X</title></textinput>"),
	    "feed rss10\nencoding=utf-8\nid=http://e.org/c\ntitle=T\n"
	    "lang=fr\nicon=http://e.org/i\nsy=1800\n" },
	{ "RSS 0.90", "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-"
	    "syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>"
	    "<channel><title>T</title></channel></r:RDF>",
	    "feed rss09x\nencoding=utf-8\ntitle=T\n" },
	{ "a channel's title behind its items", RSS("<item/><title>T</title>"),
	    "feed rss20\nencoding=utf-8\ntitle=T\n" },
	{ "a declared charset", "<?xml version='1.0' encoding='koi8-r'?>"
	    RSS("<title>\xC1</title>"),
	    "feed rss20\nencoding=koi8-r\ntitle=\xD0\xB0\n" },
	{ "windows-1252 that nobody declared", RSS("<title>\x93\xE9\x94"
	    "</title>"), "feed rss20\nencoding=windows-1252\n"
	    "title=\xE2\x80\x9C\xC3\xA9\xE2\x80\x9D\n" },
	{ "hostile numbers", RSS("<ttl>99999999999999999999</ttl><sy:"
	    "updateFrequency>0</sy:updateFrequency><skipHours><hour>-1</hour>"
	    "</skipHours>"), "feed rss20\nencoding=utf-8\n" },
	{ "syndication without a period", RSS("<sy:updateFrequency>4"
	    "</sy:updateFrequency>"), "feed rss20\nencoding=utf-8\n"
	    "sy=21600\n" },
};

static void
reads_items(void **state)
{
	(void)state;
	check_cases(item_cases, N(item_cases), SHOW_ITEMS);
}

static void
reads_feeds(void **state)
{
	(void)state;
	check_cases(feed_cases, N(feed_cases), SHOW_FEED);
}

static void
reads_alike_in_pieces(void **state)
{
	(void)state;
	check_steps_of(item_cases, N(item_cases));
	check_steps_of(feed_cases, N(feed_cases));
}

static void
check_file(const char *path)
{
	struct buf doc;
	FILE *f = fopen(path, "rb");
	char *to;
	size_t n;

	assert_non_null(f);
	buf_init(&doc, 64 << 20);
	while ((to = buf_reserve(&doc, 65536)) != NULL &&
	    (n = fread(to, 1, 65536, f)) > 0)
		doc.n += n;
	assert_int_equal(fclose(f), 0);
	check_steps(path, buf_str(&doc));
	buf_clear(&doc);
}

/* Regular files of a folder and of those in it; returns how many. */
static size_t
check_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	char below[1024];
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path,
		    e->d_name) >= (int)sizeof(below))
			continue;
		if (e->d_type == DT_DIR)
			n += check_folder(below);
		else if (strstr(e->d_name, ".xml") != NULL && ++n > 0)
			check_file(below);
	}
	assert_int_equal(closedir(dir), 0);
	return n;
}

/* Feeds from outside, where HEADLINED_SUITES names a folder of them. */
static void
reads_suites_alike_in_pieces(void **state)
{
	const char *folder = getenv("HEADLINED_SUITES");

	(void)state;
	if (folder == NULL) {
		/* cmocka's skip() is no skip in TAP. */
		print_message("# HEADLINED_SUITES names no folder: only "
		    "fixtures of our own were read\n");
		return;
	}
	assert_true(check_folder(folder) > 0);
}

/* More than a day ahead is a mistake; a wrong zone may be 14 hours. */
static void
judges_dates_by_the_clock(void **state)
{
	struct feed_parser_settings set = *default_settings();
	struct str doc = STR(RSS("<item><pubDate>2026-11-23T10:00:00Z</pubDate>"
	    "</item><item><pubDate>2026-11-24T10:00:00Z</pubDate></item><item>"
	    "<pubDate>2026-11-24T10:00:01Z</pubDate></item>"));
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 20);
	set.now_s = 1795428000;		/* 2026-11-23T10:00:00Z */
	read_document(doc, SIZE_MAX / 2, &set, SHOW_ITEMS | SHOW_END, &got);
	assert_string_equal(buf_cstr(&got), "item\npublished=1795428000\n"
	    "item\npublished=1795514400\nitem\npublished=1795428000\n"
	    "in future\nend complete\nwarning future_date 1\n");
	buf_reset(&got);
	set.now_s = 0;
	read_document(doc, SIZE_MAX / 2, &set, SHOW_ITEMS | SHOW_END, &got);
	assert_string_equal(buf_cstr(&got), "item\npublished=1795428000\n"
	    "item\npublished=1795514400\nitem\npublished=1795514401\n"
	    "end complete\n");
	buf_clear(&got);
}

#define JSON_FEED(more)	"{\"version\": \"https://jsonfeed.org/version/1.1\", " \
	more "\"items\": []}"

static void
knows_a_language_by_its_header(void **state)
{
	static const struct {
		const char	*header, *doc, *want;
	} cases[] = {
		{ "de", RSS(""), "lang=de\n" },
		{ "de", RSS("<language>fr</language>"), "lang=fr\n" },
		{ "de, en", RSS(""), "" },
		{ "", RSS(""), "" },
		{ "de", JSON_FEED(""), "lang=de\n" },
		{ "de", JSON_FEED("\"language\": \"fr\", "), "lang=fr\n" },
		{ "de, en", JSON_FEED(""), "" },
	};
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct feed_parser_settings set = *default_settings();
		const char *lang;

		buf_reset(&got);
		set.content_language = str_from(cases[i].header);
		read_document(str_from(cases[i].doc), SIZE_MAX / 2, &set,
		    SHOW_FEED, &got);
		lang = strstr(buf_cstr(&got), "lang=");
		assert_string_equal(lang != NULL ? lang : "", cases[i].want);
	}
	buf_clear(&got);
}

static int
stop_at_once(const struct item *it, void *ctx)
{
	(void)it;
	++*(int *)ctx;
	return 1;
}

static void
stops_when_told(void **state)
{
	static const struct feed_parser_ops ops = { stop_at_once };
	static const char doc[] = "<rss><channel><item/><item/><item></item>";
	struct err err = { .msg = "" };
	int calls = 0;
	struct feed_parser *p = feed_parser_new(&ops, &calls,
	    &feed_parser_defaults);

	(void)state;
	assert_non_null(p);
	assert_int_equal(feed_parser_push(p, doc, sizeof(doc) - 1, &err), -1);
	assert_int_equal(calls, 1);
	assert_int_equal(feed_parser_push(p, "<item/>", 7, &err), -1);
	assert_int_equal(feed_parser_finish(p, &err), FEED_END_FAILED);
	assert_string_equal(err.msg, "stopped by the reader of its items");
	assert_int_equal(calls, 1);
	feed_parser_free(p);
}

static int
count_item(const struct item *it, void *ctx)
{
	(void)it;
	++*(int *)ctx;
	return 0;
}

/* The item is out before the document's next byte has come. */
static void
gives_items_at_their_end_tag(void **state)
{
	static const struct feed_parser_ops ops = { count_item };
	static const char first[] =
	    "<rss><channel><item><title>1</title></item";
	struct err err = { .msg = "" };
	int calls = 0;
	struct feed_parser *p = feed_parser_new(&ops, &calls,
	    &feed_parser_defaults);

	(void)state;
	assert_non_null(p);
	assert_int_equal(feed_parser_push(p, first, sizeof(first) - 1, &err),
	    0);
	assert_int_equal(calls, 0);
	assert_int_equal(feed_parser_push(p, ">", 1, &err), 0);
	assert_int_equal(calls, 1);
	feed_parser_free(p);
}

static void
names_its_formats(void **state)
{
	(void)state;
	assert_string_equal(feed_format_word(FEED_FORMAT_UNKNOWN), "unknown");
	assert_string_equal(feed_format_word(FEED_FORMAT_RSS09X), "rss09x");
	assert_string_equal(feed_format_word(FEED_FORMAT_JSON), "json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_items),
		cmocka_unit_test(reads_feeds),
		cmocka_unit_test(reads_alike_in_pieces),
		cmocka_unit_test(reads_suites_alike_in_pieces),
		cmocka_unit_test(judges_dates_by_the_clock),
		cmocka_unit_test(knows_a_language_by_its_header),
		cmocka_unit_test(stops_when_told),
		cmocka_unit_test(gives_items_at_their_end_tag),
		cmocka_unit_test(names_its_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
