// SPDX-License-Identifier: ISC
//
// Where alerts go, and those that are not there yet.
import { askJson } from "./api.js";
import { cell, clean, count, el, find, link, number, theirs, time }
    from "./dom.js";
import { keepFresh } from "./shell.js";

const MOST_ROWS = 100, EVERY_S = 10;

const STATES = {
	"works": ["good", "works"],
	"failing": ["warn", "failing"],
	"disabled": ["bad", "disabled"],
	"not configured": ["rest", "not configured"],
};

function lead(sinks) {
	const waiting = sinks.reduce((n, s) => n + s.waiting, 0);
	const bad = sinks.filter((s) => s.disabled);

	if (sinks.length === 0)
		return ["No sink is configured: alerts go nowhere."];
	return [waiting === 0 ? "Nothing waits." :
	    `${count(waiting, "alert")} ${waiting === 1 ? "waits" : "wait"}.`,
	    bad.length > 0 ? " " : null,
	    bad.length > 0 ? el("span", { class: "bad" },
	    `${bad.map((s) => clean(s.name)).join(", ")} ` +
	    `${bad.length === 1 ? "is" : "are"} disabled.`) : null];
}

function sinkRow(sink) {
	const [kind, word] = STATES[sink.state] ?? ["rest", sink.state];
	const form = [sink.kind, sink.format].filter(Boolean).join(", ");

	return el("tr", {},
	    cell("Sink", "", el("b", {}, theirs(sink.name)),
	    el("span", { class: "sub" }, clean(form))),
	    cell("State", "", el("span", { class: `state ${kind}` }, word),
	    sink.reason ? el("span", { class: "sub" }, theirs(sink.reason)) :
	    null,
	    sink.next ? el("span", { class: "sub" }, "again ",
	    time(sink.next)) : null),
	    cell("Waiting", "right num", number(sink.waiting),
	    sink.oldest_waiting ? el("span", { class: "sub" }, "since ",
	    time(sink.oldest_waiting)) : null),
	    cell("Sent", "right num", number(sink.sent)),
	    cell("In digests", "right num", number(sink.in_digest)),
	    cell("Given up", `right num${sink.given_up > 0 ? " bad" : ""}`,
	    number(sink.given_up)));
}

function outboxRow(row) {
	return el("tr", {},
	    cell("Alert", "", link(row.url, row.title || row.id),
	    el("span", { class: "sub" }, theirs(row.topic))),
	    cell("Sink", "", theirs(row.sink)),
	    cell("Raised", "num", time(row.time)),
	    cell("State", "", row.state, row.error ?
	    el("span", { class: "sub" }, theirs(row.error)) : null),
	    cell("Tries", "right num", number(row.tries),
	    row.next ? el("span", { class: "sub" }, "again ",
	    time(row.next)) : null));
}

function fill(id, rows) {
	find(id).replaceChildren(...rows);
	find(id).closest("table").hidden = rows.length === 0;
}

async function load() {
	const [sinks, outbox] = await Promise.all([askJson("sinks"),
		askJson(`outbox?limit=${MOST_ROWS}`)]);
	const rows = outbox.outbox;

	find("lead").replaceChildren(...lead(sinks).filter((c) => c != null));
	fill("sinks", sinks.map(sinkRow));
	fill("outbox", rows.map(outboxRow));
	find("told").textContent = rows.length === 0 ?
	    "Every alert was delivered, or taken into a digest." :
	    rows.length >= MOST_ROWS ? `The first ${MOST_ROWS}. All of them: ` +
	    "headlinectl outbox list" : "";
}

keepFresh(load, EVERY_S);
