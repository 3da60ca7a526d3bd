// SPDX-License-Identifier: ISC
//
// Reads one webhook message as others do: {"headers": {...}, "body": base64,
// "secrets": [...]} on standard input. Prints {"standardwebhooks": [true, ...],
// "svix": [...], "event": {...}}: for each secret whether that library takes the
// signature (or what it says against it), and what the CloudEvents library
// makes of the message.
//
//	node verify.mjs FOLDER-WITH-NODE_MODULES <message
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const require = createRequire(resolve(process.argv[2], "package.json"));
const standard = require("standardwebhooks");
const svix = require("svix");
const { HTTP } = require("cloudevents");

const message = JSON.parse(readFileSync(0, "utf8"));
const body = Buffer.from(message.body, "base64").toString("utf8");

function verdict(library, secret) {
	try {
		new library.Webhook(secret).verify(body, message.headers);
		return true;
	} catch (e) {
		return String(e.message);
	}
}

let event;
try {
	event = HTTP.toEvent({ headers: message.headers, body });
	event.validate();
} catch (e) {
	event = { error: String(e.message) };
}
process.stdout.write(JSON.stringify({
	standardwebhooks: message.secrets.map((s) => verdict(standard, s)),
	svix: message.secrets.map((s) => verdict(svix, s)),
	event,
}) + "\n");
