// SPDX-License-Identifier: ISC
//
// Hits in the sentence they stand in, marked.
// The daemon counts in bytes of UTF-8, the browser in others.
import { clean, el } from "./dom.js";

const encoder = new TextEncoder(), decoder = new TextDecoder();

// The text before, in and behind these bytes.
export function cut(text, offset, length) {
	const bytes = encoder.encode(text);

	return [bytes.subarray(0, offset), bytes.subarray(offset,
	    offset + length), bytes.subarray(offset + length)]
	    .map((part) => decoder.decode(part));
}

// [from, to) in the text, of each hit that can be found there.
function ranges(text, hits) {
	const found = [];

	for (const hit of hits) {
		let from = -1;

		if (hit.context_offset != null && hit.context === text)
			from = cut(text, hit.context_offset, 0)[0].length;
		if (from < 0 || !text.startsWith(hit.text, from))
			from = text.indexOf(hit.text);
		if (from >= 0 && hit.text)
			found.push([from, from + hit.text.length]);
	}
	return found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
}

// The text, with each hit in a <mark>.
export function marked(text, hits) {
	const out = el("bdi");
	let at = 0;

	for (const [from, to] of ranges(text, hits)) {
		if (from < at)
			continue;
		out.append(clean(text.slice(at, from)),
		    el("mark", {}, clean(text.slice(from, to))));
		at = to;
	}
	out.append(clean(text.slice(at)));
	return out;
}

const FIELDS = { title: "Title", summary: "Summary", content: "Text",
	author: "Author", tag: "Tag", url: "Address" };

// A title, with what hit it marked.
export function title(text, hits) {
	return marked(text, hits.filter((h) => h.field === "title"));
}

// A sentence for each place beside the title where something hit; hits of one
// sentence share it.
export function quotes(hits) {
	const places = new Map();

	for (const hit of hits) {
		const text = hit.context || hit.text;

		if (hit.field === "title" || !text)
			continue;
		const key = `${hit.field}\n${text}`;

		places.set(key, [...(places.get(key) ?? []), hit]);
	}
	return [...places.values()].map((list) => el("p", { class: "quote" },
	    el("span", { class: "where" },
	    `${FIELDS[list[0].field] ?? list[0].field}:`),
	    marked(list[0].context || list[0].text, list)));
}
