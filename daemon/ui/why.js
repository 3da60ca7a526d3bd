// SPDX-License-Identifier: ISC
//
// A query as a tree of what held and what did not, each part with its places:
// what `headlinectl match --explain` prints, in the same words.
import { clean, el, number } from "./dom.js";
import { marked } from "./hits.js";

const MOST_PLACES = 3;

// Whose places are those of its parts, told below it.
const HAS_PARTS = new Set(["and", "or", "not", "near", "atleast"]);
const TELLS_WHERE = new Set(["near", "atleast"]);

function where(hit) {
	return `${hit.field} ${number(hit.offset)}`;
}

function sentence(hit) {
	return el("p", { class: "place" },
	    el("span", { class: "where num" }, where(hit)),
	    marked(hit.context || hit.text, [hit]));
}

function places(node) {
	const all = node.hits ?? [];

	if (HAS_PARTS.has(node.kind))
		return [];
	return [...all.slice(0, MOST_PLACES).map(sentence),
	    all.length > MOST_PLACES ? el("p", { class: "rest aside" },
	    `${number(all.length - MOST_PLACES)} more`) : null];
}

function part(node) {
	const near = TELLS_WHERE.has(node.kind) ? (node.hits ?? []) : [];

	return el("li", { class: node.held ? "held" : "missed" },
	    el("span", { "aria-hidden": "true" }, node.held ? "+ " : "- "),
	    el("span", { class: "sr" }, node.held ? "holds: " :
	    "does not hold: "),
	    el("code", {}, el("bdi", {}, clean(node.text))),
	    near.length > 0 ? el("span", { class: "aside num" },
	    ` ${near.map(where).join(", ")}`) : null,
	    places(node));
}

// Nodes come parents first, each with its depth.
function tree(nodes) {
	const root = el("ul", { class: "why" });
	const lists = [root];

	for (const node of nodes) {
		const depth = Math.min(node.depth, lists.length - 1);
		const item = part(node);
		const below = el("ul");

		lists.length = depth + 1;
		lists[depth].append(item);
		item.append(below);
		lists.push(below);
	}
	for (const empty of root.querySelectorAll("ul:empty"))
		empty.remove();
	return root;
}

// Null where it tells nothing that the item's own sentences do not: of a query
// of one part that has places.
export function why(nodes) {
	if (!nodes?.length || nodes.length === 1 && nodes[0].hits?.length)
		return null;
	return el("details", { open: true },
	    el("summary", { class: "small" }, "Why"), tree(nodes));
}
