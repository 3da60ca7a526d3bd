// SPDX-License-Identifier: ISC
//
// Topics, each with what it hit in each hour of the last two days. All bars
// are of one scale: a busy topic looks busy beside a quiet one.
import { askRows } from "./api.js";
import { bars } from "./chart.js";
import { clean, count, el, find, number, theirs, time } from "./dom.js";
import { calmly, keepFresh } from "./shell.js";

const MOST_SHOWN = 100, EVERY_S = 30;

const list = find("topics"), search = find("search"), order = find("order");
const told = find("told"), unfolded = new Set();
let topics = [];

function sum(counts) {
	return counts.reduce((a, b) => a + b, 0);
}

function lastDay(topic) {
	return sum(topic.hours.slice(-24));
}

const ORDERS = {
	busy: (a, b) => lastDay(b) - lastDay(a),
	late: (a, b) => Date.parse(b.last_alert ?? 0) -
	    Date.parse(a.last_alert ?? 0),
	name: (a, b) => a.topic.localeCompare(b.topic),
};

function lead(all) {
	const busy = all.filter((t) => lastDay(t) > 0).length;
	const hits = all.reduce((n, t) => n + lastDay(t), 0);

	if (all.length === 0)
		return "No topic is configured yet.";
	if (hits === 0)
		return `${count(all.length, "topic")}, and no hit in the last ` +
		    "24 hours.";
	return `${count(hits, "hit")} in the last 24 hours, in ` +
	    `${number(busy)} of ${count(all.length, "topic")}.`;
}

function words(value, none) {
	return value?.length > 0 ? theirs([].concat(value).join(", ")) : none;
}

// How a topic is configured, for who wants to know.
function about(topic) {
	const made = el("details", { open: unfolded.has(topic.topic) },
	    el("summary", {}, "Query and settings"),
	    topic.match ? el("pre", {}, clean(topic.match.trim())) : null,
	    el("dl", {},
	    el("dt", {}, "Feeds"), el("dd", {}, words(topic.feeds, "all")),
	    el("dt", {}, "Goes to"), el("dd", {},
	    words(topic.sinks, "no sink")),
	    el("dt", {}, "Alerts per"), el("dd", {}, topic.alert_per ?? "text"),
	    ...(topic.until ? [el("dt", {}, "Until"),
	    el("dd", {}, time(topic.until))] : [])));

	made.addEventListener("toggle", () => made.open ?
	    unfolded.add(topic.topic) : unfolded.delete(topic.topic));
	return made;
}

function chart(topic, most) {
	const n = topic.hours.length;
	const peak = Math.max(...topic.hours);
	const label = `Hits of ${clean(topic.topic)} per hour, the last ${n} ` +
	    `hours: ${count(sum(topic.hours), "hit")}, at most ${peak} an hour`;

	return el("figure", {},
	    bars(topic.hours, new Date(topic.hours_from), most, label),
	    el("figcaption", { class: "axis", "aria-hidden": "true" },
	    el("span", {}, `${n} h ago`),
	    el("span", {}, peak > 0 ? `peak ${number(peak)} an hour` : ""),
	    el("span", {}, "now")));
}

function row(topic, most) {
	return el("li", { class: "topic" },
	    el("div", {},
	    el("h3", {}, theirs(topic.topic)),
	    el("p", { class: "small aside" }, topic.severity,
	    topic.expired ? ", expired" : "",
	    ", last ", time(topic.last_alert))),
	    chart(topic, most),
	    el("p", { class: "count small aside num" },
	    el("b", {}, number(lastDay(topic))), "in 24 h"),
	    about(topic));
}

function show() {
	const text = search.value.trim().toLowerCase();
	const most = Math.max(1, ...topics.map((t) => Math.max(...t.hours)));
	const found = topics.filter((t) => !text ||
	    `${t.topic}\n${t.match ?? ""}`.toLowerCase().includes(text))
	    .sort(ORDERS[order.value]);

	find("lead").textContent = lead(topics);
	list.replaceChildren(...found.slice(0, MOST_SHOWN)
	    .map((t) => row(t, most)));
	list.hidden = found.length === 0;
	if (topics.length === 0)
		told.textContent = "A topic is a name and a query under " +
		    "“topics:” in headlined.yaml. Write one in the try-out, " +
		    "look at what it would have found, and put it there.";
	else if (found.length === 0)
		told.textContent = "No topic has this in its name or query.";
	else
		told.textContent = found.length > MOST_SHOWN ?
		    `The first ${MOST_SHOWN} of ${number(found.length)}.` : "";
}

async function load() {
	const all = [];

	await askRows("topics", (t) => {
		all.push(t);
	});
	topics = all;
	show();
}

search.addEventListener("input", calmly(show, 120));
order.addEventListener("change", show);
keepFresh(load, EVERY_S);
