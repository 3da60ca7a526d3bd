// SPDX-License-Identifier: ISC
//
// What all pages share: they ask again from time to time, and say so in words
// when nobody answers.
import { Away, Refused } from "./api.js";
import { el, find, span } from "./dom.js";

const FIRST_WAIT_S = 2, LONGEST_WAIT_S = 30;

const words = el("span");
const again = el("button", { type: "button" }, "Try now");
const banner = el("div", { class: "away", role: "alert", id: "away" });

document.body.prepend(banner);

// null: all is well.
export function showAway(text, onAgain) {
	if (text == null) {
		banner.replaceChildren();
		return;
	}
	if (words.textContent !== text)
		words.textContent = text;
	again.onclick = onAgain;
	if (!banner.firstChild)
		banner.append(el("div", {}, words, again));
}

export function complaint(error, waitS) {
	const next = `Trying again every ${span(waitS)}.`;

	if (error instanceof Refused)
		return `headlined cannot say: ${error.message}. ${next}`;
	return "headlined is away: nobody answers at this address. What " +
	    `stands here is as it was before. ${next}`;
}

// Calls load() now and `everyS` seconds after each time it has ended, while
// the page is looked at; less and less often while the daemon is away. Gives a function that calls it at once.
export function keepFresh(load, everyS) {
	let timer = 0, waitS = 0, running = false, wanted = false;

	function plan(seconds) {
		clearTimeout(timer);
		if (!document.hidden)
			timer = setTimeout(go, seconds * 1000);
	}
	async function go() {
		wanted = running;
		if (running)
			return;
		running = true;
		clearTimeout(timer);
		try {
			await load();
			waitS = 0;
			showAway(null);
			tellTime();
		} catch (error) {
			if (!(error instanceof Away) &&
			    !(error instanceof Refused))
				throw error;
			waitS = Math.min(waitS * 2 || FIRST_WAIT_S,
			    LONGEST_WAIT_S);
			showAway(complaint(error, waitS), go);
		} finally {
			running = false;
			document.body.dataset.loaded = "yes";
			plan(wanted ? 0 : waitS || everyS);
		}
	}
	document.addEventListener("visibilitychange", () =>
	    document.hidden ? clearTimeout(timer) : go());
	go();
	return go;
}

function tellTime() {
	const at = new Date();

	find("fresh")?.replaceChildren("As of ", el("time",
	    { datetime: at.toISOString() }, at.toLocaleTimeString("en-GB")));
}

// Calls f once nobody has typed for a moment.
export function calmly(f, ms = 250) {
	let timer = 0;

	return () => {
		clearTimeout(timer);
		timer = setTimeout(f, ms);
	};
}
