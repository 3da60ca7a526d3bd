// SPDX-License-Identifier: ISC
//
// A headless Chromium that obeys: one JSON object a line on standard input,
// one back for each, {"value": ...} or {"error": "..."}.
//
//	{"do": "open", "width": 1200, "height": 900, "dark": true}
//	{"do": "goto", "url": "http://..."}
//	{"do": "tell", "script": "document.title"}	an expression's value
//	{"do": "fill", "at": "#query", "text": "peace"}
//	{"do": "click", "at": "#pause"}
//	{"do": "press", "key": "Tab"}
//	{"do": "picture", "file": "/tmp/one.png", "whole": true}
//	{"do": "faults"}	of this page: console errors, exceptions, refusals
//
//	node browse.mjs FOLDER-WITH-NODE_MODULES CHROMIUM PROFILE
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(resolve(process.argv[2], "package.json"));
const { chromium } = require("playwright-core");
const [program, profile] = process.argv.slice(3);

const contextOptions = { reducedMotion: "reduce", locale: "en-GB",
	timezoneId: "UTC" };
let faults = [], browser, page;

// It speaks to nobody but the page, and root has no sandbox.
async function start() {
	browser = await chromium.launchPersistentContext(profile, {
		executablePath: program, headless: true, ...contextOptions,
		chromiumSandbox: process.getuid() !== 0, timeout: 120000,
		args: ["--disable-gpu", "--disable-quic", "--no-first-run",
			"--no-proxy-server", "--disable-background-networking",
			"--disable-component-update", "--disable-sync",
			"--disable-dev-shm-usage",
			"--font-render-hinting=none"],
	});
}

function listen() {
	page.on("console", (said) => {
		if (["error", "warning"].includes(said.type()))
			faults.push(said.text());
	});
	page.on("pageerror", (error) => faults.push(String(error)));
	page.on("dialog", (dialog) => {
		faults.push(`a dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on("request", (request) => {
		if (!request.url().startsWith("http://127.0.0.1:"))
			faults.push(`asks elsewhere: ${request.url()}`);
	});
}

const orders = {
	async open({ width, height, dark }) {
		const old = page;

		page = await browser.newPage();
		await old?.close();
		faults = [];
		listen();
		await page.setViewportSize({ width, height });
		await page.emulateMedia({ colorScheme: dark ? "dark" : "light",
			reducedMotion: "reduce" });
		// Tells of what the policy refuses, whatever the console says.
		await page.addInitScript(() => addEventListener(
		    "securitypolicyviolation", (e) => console.error(
		    `refused: ${e.violatedDirective} ${e.blockedURI}`)));
	},
	goto: ({ url }) => page.goto(url, { waitUntil: "load" }),
	tell: ({ script }) => page.evaluate(script),
	fill: ({ at, text }) => page.fill(at, text),
	click: ({ at }) => page.click(at),
	press: ({ key }) => page.keyboard.press(key),
	picture: ({ file, whole }) => page.screenshot({ path: file,
		fullPage: whole }),
	faults: () => faults,
};

await start();
for await (const line of createInterface({ input: process.stdin })) {
	const order = JSON.parse(line);
	let answer;

	try {
		const value = await orders[order.do](order);

		answer = { value: ["tell", "faults"].includes(order.do) ?
		    value ?? null : null };
	} catch (error) {
		answer = { error: String(error) };
	}
	process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
