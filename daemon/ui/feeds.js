// SPDX-License-Identifier: ISC
//
// The overview: how the daemon is, what is in trouble, and each feed.
import { askJson, askRows } from "./api.js";
import { ago, cell, count, el, find, link, number, span, theirs, time }
    from "./dom.js";
import { calmly, keepFresh } from "./shell.js";

// A table of more rows helps nobody; who looks for one types its name.
const MOST_ROWS = 200, MANY_FEEDS = 5000, EVERY_S = 15;

const rows = find("feeds"), search = find("search");
const failing = find("failing"), told = find("told");
let total = 0, reading = null;

// The daemon as sentences

function lead(status) {
	const f = status.feeds;
	const parts = [];

	if (f.total === 0)
		return ["No feed is configured yet."];
	parts.push(count(f.total, "feed"), f.total === 1 ? " is" : " are",
	    " watched. ");
	if (f.failing + f.gone === 0)
		parts.push(f.waiting > 0 ?
		    `${number(f.waiting)} not asked yet.` : "All answer.");
	if (f.failing > 0)
		parts.push(el("span", { class: "bad" },
		    `${number(f.failing)} failing`), f.gone > 0 ? ", " : ".");
	if (f.gone > 0)
		parts.push(`${number(f.gone)} gone for good.`);
	return parts;
}

function under(status) {
	if (status.paused)
		return `Paused: ${status.paused_why}`;
	if (status.silent_thread)
		return `A thread does not answer: ${status.silent_thread}.`;
	if (status.reload && !status.reload.ok)
		return "The last reload found faults and changed nothing: " +
		    "the configuration before it goes on.";
	if (status.degraded)
		return "Not all of the configuration runs; what is left out " +
		    "is named below.";
	return `Version ${status.version}, instance ${status.instance}, up ` +
	    `for ${span(status.uptime_s)}.`;
}

function mebibytes(bytes) {
	return `${number(Math.max(1, Math.round(bytes / (1 << 20))))} MiB`;
}

function facts(status) {
	const waiting = status.sinks.reduce((n, s) => n + s.waiting, 0);
	const pairs = [["topics", number(status.topics)],
		["alerts since the start", number(status.alerts_raised)],
		["alerts waiting", number(waiting)],
		["items since the start", number(status.items_seen)],
		["texts kept", number(status.store.texts)],
		["store", mebibytes(status.store.bytes)]];

	return pairs.map(([name, value]) => el("div", {},
	    el("dt", {}, name), el("dd", {}, value)));
}

function troubles(status) {
	const faults = [...status.faults, ...(status.reload?.faults ?? [])];

	return [
		...status.health.conditions.map((c) => el("li", {},
		    el("p", {}, theirs(c.message)),
		    el("p", { class: "aside small" }, theirs(c.about),
		    ", since ", time(c.since)))),
		...faults.map((f) => el("li", {}, theirs(f))),
		...status.trouble.map((t) => el("li", {},
		    el("p", {}, link(t.url, t.feed), ": ",
		    theirs(t.message || t.word)),
		    el("p", { class: "aside small" },
		    t.failures > 0 ?
		    `${count(t.failures, "failure")} in a row, ` : "",
		    t.next ? "asked again " : "not asked again",
		    t.next ? time(t.next) : null))),
	];
}

async function showStatus() {
	const status = await askJson("status");
	const list = troubles(status);

	total = status.feeds.total;
	find("lead").replaceChildren(...lead(status));
	find("under").replaceChildren(theirs(under(status)));
	find("facts").replaceChildren(...facts(status));
	find("troubles").replaceChildren(...list);
	find("trouble").hidden = list.length === 0;
}

// Feeds

const STATES = {
	ok: ["good", "fine"],
	failing: ["bad", "failing"],
	gone: ["bad", "gone"],
	waiting: ["rest", "not asked yet"],
	paused: ["warn", "paused"],
};

function state(feed) {
	const [kind, word] = STATES[feed.state] ?? ["rest", feed.state];

	return el("span", { class: `state ${kind}` }, word);
}

// "3.4" items a day, from the mean gap between them.
function perDay(feed) {
	if (!feed.rhythm_s)
		return "–";
	const n = 86400 / feed.rhythm_s;

	return n >= 10 ? number(Math.round(n)) : n.toFixed(1);
}

function nextPoll(feed) {
	if (feed.next_in_s == null)
		return "none";
	return feed.next_in_s < 1 ? "now" : `in ${span(feed.next_in_s)}`;
}

function feedRow(feed) {
	return el("tr", {},
	    cell("Feed", "", link(feed.url, feed.feed),
	    feed.message ? el("span", { class: "sub" },
	    theirs(feed.message)) : null),
	    cell("State", "", state(feed)),
	    cell("Last poll", "num", time(feed.last_poll,
	    feed.last_poll_ago_s == null ? "not yet" :
	    ago(feed.last_poll_ago_s))),
	    cell("Next poll", "num", time(feed.next, nextPoll(feed))),
	    cell("Items a day", "right num", perDay(feed)),
	    cell("Seen", "right num", number(feed.items_total)));
}

function matches(feed, text) {
	return !text || `${feed.feed}\n${feed.url}`.toLowerCase()
	    .includes(text);
}

function tell(shown, whole) {
	if (!whole)
		told.textContent = `The first ${number(shown)}. Type part ` +
		    "of a name or address to find others.";
	else if (shown > 0)
		told.textContent = `${count(shown, "feed")} shown.`;
	else if (search.value.trim())
		told.textContent = "No feed has this in its name or address.";
	else if (failing.checked)
		told.textContent = "No feed is failing.";
	else
		told.textContent = "Name one under “feeds:” in " +
		    "headlined.yaml, then run “headlinectl reload”.";
}

async function showFeeds() {
	const text = search.value.trim().toLowerCase();
	const found = [];
	const mine = reading = new AbortController();

	const whole = await askRows(failing.checked ? "feeds?failing=1" :
	    "feeds", (feed) => {
		if (matches(feed, text))
			found.push(feedRow(feed));
		return found.length < MOST_ROWS;
	}, mine.signal);
	if (mine !== reading)
		return;
	rows.replaceChildren(...found);
	rows.closest("table").hidden = found.length === 0;
	tell(found.length, whole || found.length < MOST_ROWS);
}

async function load() {
	reading?.abort();
	await showStatus();
	// All rows of very many feeds, for a search, once only.
	if (total > MANY_FEEDS && search.value &&
	    rows.dataset.of === search.value)
		return;
	rows.dataset.of = search.value;
	try {
		await showFeeds();
	} catch (error) {
		if (error.name !== "AbortError")
			throw error;
	}
}

const reload = keepFresh(load, EVERY_S);
const typed = calmly(() => {
	reading?.abort();
	reload();
});

search.addEventListener("input", typed);
failing.addEventListener("change", typed);
