// SPDX-License-Identifier: ISC
//
// Alerts as they come: the last ones first, then what GET /stream sends.
import { place } from "./api.js";
import { clean, count, el, find, isWeb, theirs, time } from "./dom.js";
import { quotes, title } from "./hits.js";
import { complaint, showAway } from "./shell.js";

const MOST_SHOWN = 200, LAST = 50;
const AGAIN_S = [2, 4, 8, 15, 30];

const list = find("alerts"), topic = find("topic"), live = find("live");
const pause = find("pause"), said = find("said"), held = [];
const opened = Date.now();
const topics = new Set(), known = new Set();
let stream = null, paused = false, timer = 0, tries = 0, last = 0;

function delivered(alert) {
	const bad = (alert.sinks ?? []).filter((s) => s.state !== "sent");

	if (!alert.sinks?.length)
		return null;
	if (bad.length === 0)
		return el("span", {}, "delivered to ",
		    theirs(alert.sinks.map((s) => s.sink).join(", ")));
	return el("span", {}, theirs(bad.map((s) =>
	    `${s.sink}: ${s.state}`).join(", ")));
}

function copies(alert) {
	const n = (alert.held?.copies ?? 0) + (alert.held?.story ?? 0);

	return n > 0 ? el("span", {}, `and ${count(n, "more item")} of it`) :
	    null;
}

function card(alert, isNew) {
	const hits = alert.matches ?? [];
	const head = title(alert.title || alert.url || "(no title)", hits);
	const where = alert.feed?.site || alert.feed?.title;

	return el("li", { class: isNew ? "alert new" : "alert",
	    "data-topic": alert.topic, "data-seq": alert.seq },
	    time(alert.time),
	    el("article", {},
	    el("h3", {}, isWeb(alert.url) ? el("a", { href: alert.url,
	    rel: "noopener noreferrer" }, head) : head),
	    quotes(hits),
	    el("p", { class: "meta" },
	    el("b", {}, theirs(alert.topic)),
	    alert.severity ? el("span", {}, alert.severity) : null,
	    where ? el("span", {}, theirs(where)) : null,
	    delivered(alert), copies(alert))));
}

function isWanted(item) {
	return !topic.value || item.dataset.topic === topic.value;
}

function tellEmpty() {
	find("none").hidden = [...list.children].some((i) => !i.hidden);
	find("none").textContent = list.children.length > 0 ?
	    "None of this topic among the last ones." :
	    "No alert yet. It will appear here by itself, as soon as an item " +
	    "matches a topic.";
}

function addTopic(name) {
	if (topics.has(name))
		return;
	topics.add(name);
	const after = [...topic.options].find((o) => o.value &&
	    o.value > name);

	topic.add(el("option", { value: name }, clean(name)), after ?? null);
}

function show(alert, isNew) {
	if (known.has(alert.id))
		return;
	known.add(alert.id);
	last = Math.max(last, alert.seq ?? 0);
	addTopic(alert.topic);
	const item = card(alert, isNew);

	item.hidden = !isWanted(item);
	list.prepend(item);
	if (list.children.length > MOST_SHOWN)
		list.lastChild.remove();
	if (isNew && !item.hidden)
		said.textContent = `New alert: ${clean(alert.title)}`;
}

// Live

function tellLive(on) {
	live.textContent = paused ? (held.length > 0 ?
	    `Paused, ${count(held.length, "new alert")}` : "Paused") :
	    on ? "Live" : "Connecting …";
	live.classList.toggle("on", on && !paused);
}

// Raised since this page was opened; times are whole seconds.
function isNews(alert) {
	return Date.parse(alert.time) >= opened - 1000;
}

function onAlert(event) {
	const alert = JSON.parse(event.data);

	if (paused)
		held.push(alert);
	else
		show(alert, isNews(alert));
	if (held.length > MOST_SHOWN)
		held.shift();
	tellLive(true);
	tellEmpty();
}

function connect() {
	clearTimeout(timer);
	stream?.close();
	stream = new EventSource(place(last > 0 ?
	    `stream?after=${last}` : `stream?last=${LAST}`));
	stream.addEventListener("alert", onAlert);
	stream.onopen = () => {
		tries = 0;
		showAway(null);
		tellLive(true);
		tellEmpty();
	};
	// The browser's own way to ask again gives up at some answers.
	stream.onerror = () => {
		const waitS = AGAIN_S[Math.min(tries++, AGAIN_S.length - 1)];

		stream.close();
		tellLive(false);
		showAway(complaint(null, waitS), connect);
		timer = setTimeout(connect, waitS * 1000);
	};
}

pause.addEventListener("click", () => {
	paused = !paused;
	pause.textContent = paused ? "Go on" : "Pause";
	if (!paused)
		held.splice(0).forEach((a) => show(a, isNews(a)));
	tellLive(stream?.readyState === EventSource.OPEN);
	tellEmpty();
});
topic.addEventListener("change", () => {
	for (const item of list.children)
		item.hidden = !isWanted(item);
	tellEmpty();
});

document.body.dataset.loaded = "yes";
tellLive(false);
connect();
