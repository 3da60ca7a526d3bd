// SPDX-License-Identifier: ISC
//
// The try-out: a query against the last items, by the daemon's own matcher.
import { Away, Refused, askJson } from "./api.js";
import { clean, count, el, find, isWeb, number, theirs, time } from "./dom.js";
import { cut, parts, quotes, title } from "./hits.js";
import { calmly, complaint, showAway } from "./shell.js";

const LOOK_AT = 200, RETRY_S = 5;

const query = find("query"), results = find("results"), fault = find("fault");
const missed = find("missed"), told = find("told");
let running = null, last = null, timer = 0;

function card(item) {
	const hits = item.matches ?? [];
	const head = title(item.title || item.url, hits);

	return el("li", { class: item.hit ? "alert" : "alert missed" },
	    time(item.published ?? item.seen),
	    el("article", {},
	    el("h3", {}, isWeb(item.url) ? el("a", { href: item.url,
	    rel: "noopener noreferrer" }, head) : head),
	    item.hit ? quotes(hits) : null,
	    el("p", { class: "meta" }, theirs(item.feed_title || item.feed)),
	    item.explain ? el("details", { class: "small",
	    open: !item.hit }, el("summary", {}, item.hit ? "Why it holds" :
	    "Why it does not hold"), parts(item.explain)) : null));
}

function sentence(answer) {
	if (answer.looked_at === 0)
		return "No item is kept yet: there is nothing to try it on.";
	if (answer.hits === 0)
		return `None of the last ${count(answer.looked_at, "item")} ` +
		    "would have alerted.";
	return `${number(answer.hits)} of the last ` +
	    `${count(answer.looked_at, "item")} would have alerted.`;
}

function show(answer) {
	const items = answer.items.filter((i) => i.hit || missed.checked);

	last = answer;
	fault.hidden = true;
	find("answer").hidden = false;
	told.textContent = sentence(answer);
	find("warnings").replaceChildren(...(answer.warnings ?? []).map((w) =>
	    el("li", {}, theirs(w.message ?? w))));
	results.replaceChildren(...items.map(card));
	results.hidden = items.length === 0;
}

// The query with the place that is wrong underlined.
function showFault(said, text) {
	find("answer").hidden = true;
	fault.hidden = false;
	fault.replaceChildren(el("p", {}, theirs(said.message)));
	if (said.hint)
		fault.append(el("p", { class: "aside" }, theirs(said.hint)));
	if (said.offset == null)
		return;
	const [before, spot, after] = cut(text, said.offset,
	    Math.max(said.length ?? 1, 1));

	fault.append(el("pre", {}, clean(before), el("span",
	    { class: "spot" }, clean(spot) || " "), clean(after)));
}

function showNothing() {
	fault.hidden = true;
	find("answer").hidden = true;
	results.replaceChildren();
}

async function run() {
	const text = query.value;
	const mine = new AbortController();

	clearTimeout(timer);
	running?.abort();
	running = mine;
	if (!text.trim())
		return showNothing();
	document.body.setAttribute("aria-busy", "true");
	try {
		const answer = await askJson("match", { query: text,
			limit: LOOK_AT }, mine.signal);

		showAway(null);
		show(answer);
	} catch (error) {
		fail(error, text, mine);
	} finally {
		if (running === mine)
			document.body.removeAttribute("aria-busy");
	}
}

function fail(error, text, mine) {
	if (mine.signal.aborted)
		return;
	if (error instanceof Refused && error.said) {
		showAway(null);
		showFault(error.said, text);
	} else if (error instanceof Away || error instanceof Refused) {
		showAway(complaint(error, RETRY_S), run);
		timer = setTimeout(run, RETRY_S * 1000);
	} else {
		throw error;
	}
}

query.addEventListener("input", calmly(run, 350));
query.addEventListener("keydown", (event) => {
	if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
		run();
});
find("form").addEventListener("submit", (event) => {
	event.preventDefault();
	run();
});
missed.addEventListener("change", () => last && show(last));
document.body.dataset.loaded = "yes";
if (query.value)
	run();
