// SPDX-License-Identifier: ISC
//
// Bars of counts, as SVG: its size is the style sheet's.
import { count, hour } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const HIGH = 100, WIDE = 10, GAP = 2;

function shape(name, attributes) {
	const made = document.createElementNS(SVG, name);

	for (const [key, value] of Object.entries(attributes))
		made.setAttribute(key, value);
	return made;
}

// counts: the oldest first, one an hour from `from` (a Date) on; most: what
// fills the whole height; label: what it shows, in words.
export function bars(counts, from, most, label) {
	const svg = shape("svg", { class: "chart", role: "img",
		"aria-label": label, preserveAspectRatio: "none",
		viewBox: `0 0 ${counts.length * WIDE - GAP} ${HIGH}` });

	counts.forEach((n, i) => {
		const high = n > 0 ? Math.max(6, n / most * HIGH) : 3;
		const bar = shape("rect", { x: i * WIDE, y: HIGH - high,
			width: WIDE - GAP, height: high,
			class: n > 0 ? "some" : "none" });
		const title = shape("title", {});
		const at = new Date(from.getTime() + i * 3600000);

		title.textContent = `${hour(at)}: ${count(n, "hit")}`;
		bar.append(title);
		svg.append(bar);
	});
	return svg;
}
