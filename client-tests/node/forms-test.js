// Forms of a call that Telegram takes and that the clients here do not send, written by hand: they reach the chat unchanged.
// node forms-test.js <gateway> <simulator>

import { gzipSync } from "node:zlib";
import { SimulatedTelegram } from "./simulated-telegram.js";
import { Steps, expect, expectBetween, expectChat } from "./steps.js";

const BOT = 727_000_000;
const TOKEN = `${BOT}:AAE-any-letters-and-digits-will-do_`;
const [POSTED, GOTTEN, ZIPPED, FULL] = [1, 2, 3, 4].map((n) => BOT + n);

// As long as a text may be, and in a query string six bytes a letter.
const LONG_TEXT = "Ж".repeat(4096);

const [gateway, simulator] = process.argv.slice(2);
const telegram = new SimulatedTelegram(simulator);
const steps = new Steps("plain http", 60);

await steps.step("a query string of 25 KB is parameters, as pyTelegramBotAPI writes them", async () => {
  for (const [method, chat] of [["POST", POSTED], ["GET", GOTTEN]]) {
    const query = new URLSearchParams({ chat_id: chat, text: LONG_TEXT }).toString();
    expect("that it is so long", query.length > 24_500, true);
    const { text } = await call(`sendMessage?${query}`, { method });
    expect("that the text came back", text === LONG_TEXT, true);
    await expectText(chat, LONG_TEXT);
  }
});

await steps.step("a compressed body is read", async () => {
  const body = gzipSync(JSON.stringify({ chat_id: ZIPPED, text: LONG_TEXT }));
  await call("sendMessage", {
    method: "POST",
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body,
  });
  await expectText(ZIPPED, LONG_TEXT);
});

await steps.step("an upload in capitals, its chat behind its files, counts against the chat's limit", async () => {
  const form = new FormData();
  const names = Array.from({ length: 10 }, (_, i) => `picture${i}`);
  for (const name of names) {
    form.append(name, new Blob([Buffer.alloc(100_000, name)]), `${name}.jpg`);
  }
  form.append("media", JSON.stringify(names.map((name) => ({ type: "photo", media: `attach://${name}` }))));
  form.append("chat_id", FULL);
  await call("SENDMEDIAGROUP", { method: "POST", body: form });
  const tooSoon = await answerTo(`SENDMESSAGE?chat_id=${FULL}&text=too+soon`, { headers: { "x-sluice-max-wait": "0" } });
  expect("error_code", tooSoon.error_code, 429);
  expectBetween("retry_after", tooSoon.parameters.retry_after, 1, 10);
  expectChat(await telegram.ledger(BOT, FULL), "sendMediaGroup accepted 10");
});

process.exit(steps.exitCode);

async function call(method, request) {
  const { ok, result, description } = await answerTo(method, request);
  if (!ok) {
    throw new Error(`the answer is ${description}`);
  }
  return result;
}

async function answerTo(method, request) {
  const answer = await fetch(`${gateway}/bot${TOKEN}/${method}`, { signal: AbortSignal.timeout(20_000), ...request });
  return answer.json();
}

async function expectText(chat, text) {
  const lines = await telegram.received(BOT, chat);
  expect("the messages in the chat", lines.length, 1);
  expect("that it is the text", lines[0].endsWith(` ${text}`), true);
}
