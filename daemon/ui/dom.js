// SPDX-License-Identifier: ISC
//
// Elements out of text. Nothing from a feed is ever read as HTML: it becomes a
// text node, without the characters that turn the order of others around, and
// a link only where it leads to http or https.

// C0, C1, DEL but tab and line feed; marks, embeddings, overrides, isolates.
const UNSEEN = new RegExp("[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f" +
    "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]", "g");

export function clean(text) {
	return String(text ?? "").replace(UNSEEN, "");
}

// el("p", { class: "aside", hidden: true }, "text", element, null)
export function el(name, attributes = {}, ...children) {
	const made = document.createElement(name);

	for (const [key, value] of Object.entries(attributes))
		if (value === true)
			made.setAttribute(key, "");
		else if (value !== false && value != null)
			made.setAttribute(key, value);
	made.append(...children.flat().filter((c) => c != null));
	return made;
}

// Text that others wrote: its own direction, and no influence on ours.
export function theirs(text) {
	return el("bdi", {}, clean(text));
}

export function isWeb(url) {
	try {
		return ["http:", "https:"].includes(new URL(url).protocol);
	} catch {
		return false;
	}
}

// A link that tells the other side nothing of us; only the text, where the
// URL is none of the web's.
export function link(url, text) {
	const shown = theirs(text || url);

	return isWeb(url) ? el("a", { href: url,
	    rel: "noopener noreferrer" }, shown) : shown;
}

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

// 5400 -> "2 h": one unit, rounded.
export function span(seconds) {
	const s = Math.max(0, Math.round(seconds));
	const [size, unit] = UNITS.find(([n]) => s >= n) ?? UNITS[3];

	return `${Math.round(s / size)} ${unit}`;
}

export function ago(seconds) {
	return seconds < 1 ? "just now" : `${span(seconds)} ago`;
}

const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium",
	timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit",
	minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric",
	month: "short" });

// <time>: `text`, or by default the time of day, with the day where it is not
// today's.
export function time(iso, text) {
	const at = new Date(iso);

	if (iso == null || Number.isNaN(at.getTime()))
		return el("span", {}, text ?? "never");
	const today = at.toDateString() === new Date().toDateString();
	const short = CLOCK.format(at);

	return el("time", { datetime: iso, title: FULL.format(at) },
	    text ?? (today ? short : `${DAY.format(at)}, ${short}`));
}

export function hour(at) {
	return CLOCK.format(at);
}

export function count(n, one, many = `${one}s`) {
	return `${number(n)} ${n === 1 ? one : many}`;
}

export function number(n) {
	return n == null ? "–" : n.toLocaleString("en");
}

export function find(id) {
	return document.getElementById(id);
}

// Rows of one table cell each: cell("Last poll", "right num", ...).
export function cell(label, name, ...children) {
	return el("td", { "data-as": label, class: name || null },
	    el("div", {}, ...children));
}
