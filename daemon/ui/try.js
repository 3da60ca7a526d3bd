// SPDX-License-Identifier: ISC
//
// The try-out: a query against the last items, by the daemon's own matcher.
import { Away, Refused, askJson } from "./api.js";
import { clean, count, el, find, isWeb, number, theirs, time } from "./dom.js";
import { cut, quotes, title } from "./hits.js";
import { calmly, complaint, showAway } from "./shell.js";
import { why } from "./why.js";

const LOOK_AT = 200, RETRY_S = 5;

const query = find("query"), results = find("results"), fault = find("fault");
const told = find("told");
let running = null, timer = 0;

function card(hit) {
	const head = title(hit.title || hit.url, hit.matches);

	return el("li", { class: "alert" },
	    time(hit.seen),
	    el("article", {},
	    el("h3", {}, isWeb(hit.url) ? el("a", { href: hit.url,
	    rel: "noopener noreferrer" }, head) : head),
	    quotes(hit.matches),
	    el("p", { class: "meta" }, theirs(hit.feed)),
	    why(hit.explain)));
}

function sentence(answer) {
	if (answer.items === 0)
		return "No item is kept yet: there is nothing to try it on.";
	const of = `the last ${count(answer.items, "item")} would have alerted`;

	return answer.matched === 0 ? `None of ${of}.` :
	    `${number(answer.matched)} of ${of}.`;
}

function show(answer) {
	fault.hidden = true;
	find("answer").hidden = false;
	told.textContent = sentence(answer);
	results.replaceChildren(...answer.hits.map(card));
	results.hidden = answer.hits.length === 0;
}

// The query with the place that is wrong underlined.
function showFault(said, text) {
	const wrong = said.faults?.find((f) => !f.warning) ?? said;

	find("answer").hidden = true;
	fault.hidden = false;
	fault.replaceChildren(el("p", {}, theirs(wrong.message)));
	if (wrong.offset == null)
		return;
	const [before, , after] = cut(text, wrong.offset, 0);
	const spot = after.match(/^[\p{L}\p{N}]+|^./su)?.[0] ?? " ";

	fault.append(el("pre", {}, clean(before), el("span",
	    { class: "spot" }, clean(spot)), clean(after.slice(spot.length))));
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
		const answer = await askJson(`match?limit=${LOOK_AT}`, text,
		    mine.signal);

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
document.body.dataset.loaded = "yes";
if (query.value)
	run();
