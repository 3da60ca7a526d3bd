// SPDX-License-Identifier: ISC
//
// What the daemon is asked. Its endpoints stand one folder above this file,
// wherever a reverse proxy has put both.
const BASE = new URL("../", import.meta.url);
const PATIENCE_MS = 20000;

// The daemon did not answer, or not as itself.
export class Away extends Error {}

// It answered that it cannot: .said is its JSON, or null.
export class Refused extends Error {
	constructor(status, said) {
		super(said?.message ?? `the daemon answered ${status}`);
		this.said = said;
	}
}

export function place(path) {
	return new URL(path, BASE).href;
}

async function ask(path, options) {
	try {
		return await fetch(place(path), { cache: "no-store",
			redirect: "error", ...options });
	} catch (cause) {
		if (options.signal?.reason?.name === "AbortError")
			throw cause;
		throw new Away("it does not answer", { cause });
	}
}

async function refusal(response) {
	let said = null;

	try {
		said = JSON.parse(await response.text());
	} catch {
		// A proxy's own page, perhaps.
		if (response.status >= 502)
			return new Away(`${response.status}`);
	}
	return new Refused(response.status, said);
}

// The document that GET path answers, or POST path to this text.
export async function askJson(path, body, signal) {
	const patience = AbortSignal.timeout(PATIENCE_MS);
	const response = await ask(path, {
		signal: signal ? AbortSignal.any([signal, patience]) : patience,
		...(body === undefined ? {} : { method: "POST",
			headers: { "Content-Type": "text/plain" },
			body }),
	});

	if (!response.ok)
		throw await refusal(response);
	try {
		return await response.json();
	} catch (cause) {
		throw new Away("its answer broke off", { cause });
	}
}

// Cuts what comes of an array into the texts of its objects.
class Cutter {
	depth = 0;
	quoted = false;
	escaped = false;
	held = "";

	*feed(text) {
		let from = 0;

		for (let i = 0; i < text.length; i++) {
			const c = text[i];

			if (this.escaped)
				this.escaped = false;
			else if (this.quoted) {
				this.escaped = c === "\\";
				this.quoted = c !== '"';
			} else if (c === '"')
				this.quoted = true;
			else if (c === "{" && this.depth++ === 0)
				from = i;
			else if (c === "}" && --this.depth === 0) {
				yield this.held + text.slice(from, i + 1);
				this.held = "";
			}
		}
		if (this.depth > 0)
			this.held += text.slice(from);
	}
}

// The objects of the array that GET path answers, one by one while they come:
// onRow(object) says false when it has enough, and the rest is not asked for.
// Whether it was read to its end.
export async function askRows(path, onRow, signal) {
	const stop = new AbortController();
	const response = await ask(path, { signal: signal ?
	    AbortSignal.any([signal, stop.signal]) : stop.signal });

	if (!response.ok)
		throw await refusal(response);
	const reader = response.body.pipeThrough(
	    new TextDecoderStream()).getReader();
	const cutter = new Cutter();

	for (;;) {
		let piece;

		try {
			piece = await reader.read();
		} catch (cause) {
			throw signal?.aborted ? cause :
			    new Away("its answer broke off", { cause });
		}
		if (piece.done)
			return true;
		for (const text of cutter.feed(piece.value))
			if (onRow(JSON.parse(text)) === false) {
				reader.cancel().catch(() => {});
				stop.abort();
				return false;
			}
	}
}
