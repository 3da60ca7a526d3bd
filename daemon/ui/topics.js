// SPDX-License-Identifier: ISC
//
// Topics, each with what it hit in each hour of the last day. All bars are of
// one scale: a busy topic looks busy beside a quiet one.
import { askJson } from "./api.js";
import { bars } from "./chart.js";
import { clean, count, el, find, number, theirs, time } from "./dom.js";
import { calmly, keepFresh } from "./shell.js";

const MOST_SHOWN = 100, EVERY_S = 30, HOUR_MS = 3600000;

const list = find("topics"), search = find("search"), order = find("order");
const told = find("told");
let topics = [], now = new Date();

const ORDERS = {
	busy: (a, b) => b.alerts - a.alerts,
	late: (a, b) => Date.parse(b.last ?? 0) - Date.parse(a.last ?? 0),
	name: (a, b) => a.name.localeCompare(b.name),
};

function lead() {
	const busy = topics.filter((t) => t.alerts > 0).length;
	const hits = topics.reduce((n, t) => n + t.alerts, 0);

	if (topics.length === 0)
		return "No topic is configured yet.";
	if (hits === 0)
		return `${count(topics.length, "topic")}, and no hit in the ` +
		    "last 24 hours.";
	return `${count(hits, "hit")} in the last 24 hours, in ` +
	    `${number(busy)} of ${count(topics.length, "topic")}.`;
}

function chart(topic, most) {
	const hours = topic.by_hour;
	const peak = Math.max(...hours);
	const label = `Hits of ${clean(topic.name)} per hour, the last ` +
	    `${hours.length} hours: ${count(topic.alerts, "hit")}, ` +
	    `at most ${peak} an hour`;

	return el("figure", {},
	    bars(hours, new Date(now - hours.length * HOUR_MS), most, label),
	    el("figcaption", { class: "axis", "aria-hidden": "true" },
	    el("span", {}, `${hours.length} h ago`),
	    el("span", {}, peak > 0 ? `peak ${number(peak)} an hour` : ""),
	    el("span", {}, "now")));
}

function about(topic) {
	return [topic.severity, topic.notify.length > 0 ?
	    `to ${topic.notify.join(", ")}` : "to no sink"].join(", ");
}

function until(topic) {
	if (!topic.until)
		return null;
	return el("p", { class: "small aside" },
	    topic.expired ? "expired " : "until ", time(topic.until));
}

function row(topic, most) {
	return el("li", { class: "topic" },
	    el("div", {},
	    el("h3", {}, theirs(topic.name)),
	    el("p", { class: "small aside" }, theirs(about(topic))),
	    until(topic)),
	    chart(topic, most),
	    el("p", { class: "count small aside num" },
	    el("b", {}, number(topic.alerts)),
	    ...(topic.last ? ["last ", time(topic.last)] : ["in 24 h"])));
}

function matches(topic, text) {
	return !text || topic.name.toLowerCase().includes(text);
}

function tell(found) {
	if (topics.length === 0)
		told.textContent = "A topic is a name and a query under " +
		    "“topics:” in headlined.yaml. Write one in the " +
		    "try-out, look at what it would have found, and put it " +
		    "there.";
	else if (found === 0)
		told.textContent = "No topic has this in its name.";
	else
		told.textContent = found > MOST_SHOWN ? `The first ` +
		    `${MOST_SHOWN} of ${number(found)}. Type part of a name ` +
		    "to find others." : "";
}

function show() {
	const text = search.value.trim().toLowerCase();
	const most = topics.reduce((m, t) => Math.max(m, ...t.by_hour), 1);
	const found = topics.filter((t) => matches(t, text))
	    .sort(ORDERS[order.value]);

	find("lead").textContent = lead();
	list.replaceChildren(...found.slice(0, MOST_SHOWN)
	    .map((t) => row(t, most)));
	list.hidden = found.length === 0;
	tell(found.length);
}

async function load() {
	const answer = await askJson("topics");

	now = new Date(answer.now);
	topics = answer.topics;
	show();
}

search.addEventListener("input", calmly(show, 120));
order.addEventListener("change", show);
keepFresh(load, EVERY_S);
