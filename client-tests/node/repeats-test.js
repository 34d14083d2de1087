// Clients that repeat a failed call by themselves, as they come: whatever breaks, the chat has one message.
// node repeats-test.js <gateway> <simulator>

import "./node-18-globals.js";
import { randomBytes } from "node:crypto";
import { autoRetry } from "@grammyjs/auto-retry";
import { Bot as GrammyBot, GrammyError, InputFile as GrammyFile, InputMediaBuilder } from "grammy";
import { Bot as NodeBot, InputFile as NodeFile, TelegramApiError } from "node-telegram-bot-api";
import { SimulatedTelegram } from "./simulated-telegram.js";
import { Steps, expect, expectChat, failureOf } from "./steps.js";
import { Wire } from "./wire.js";

const [gateway, simulator] = process.argv.slice(2);
const telegram = new SimulatedTelegram(simulator);

/** Repeats after 5xx, a lost connection and a 429, each up to twice. */
function nodeTelegramBotApi(token, apiRoot) {
  const { api } = new NodeBot(token, { apiRoot });
  return {
    sendText: (chat, text) => api.sendMessage({ chat_id: chat, text }),
    sendPhoto: (chat, bytes, caption) => api.sendPhoto({ chat_id: chat, photo: new NodeFile(bytes), caption }),
    Refusal: TelegramApiError,
    codeOf: (refusal) => refusal.errorCode,
    attempts: 3,
  };
}

/** Repeats after 5xx, a lost connection and a 429: without end if nobody sets one. */
function grammyAutoRetry(token, apiRoot) {
  const { api } = new GrammyBot(token, { client: { apiRoot } });
  api.config.use(autoRetry({ maxRetryAttempts: 1 }));
  return {
    sendText: (chat, text) => api.sendMessage(chat, text),
    sendPhoto: (chat, bytes, caption) => api.sendPhoto(chat, new GrammyFile(bytes), { caption }),
    Refusal: GrammyError,
    codeOf: (refusal) => refusal.error_code,
    attempts: 2,
  };
}

/** Fills a chat for as many seconds as an album is long, through another client. */
async function fill(token, chat, seconds) {
  const { api } = new GrammyBot(token, { client: { apiRoot: gateway } });
  const album = Array.from({ length: seconds }, () => InputMediaBuilder.photo(new GrammyFile(randomBytes(100))));
  await api.sendMediaGroup(chat, album);
}

async function repeatSteps(steps, bot, connect) {
  const token = `${bot}:AAE-any-letters-and-digits-will-do_`;
  const [reset, answerless, cut, cutPhoto, full] = [1, 2, 3, 4, 5].map((n) => bot + n);

  /** A client on a wire of its own. */
  async function onWire(run) {
    const wire = await Wire.to(gateway);
    try {
      await run(connect(token, wire.url), wire);
    } finally {
      wire.close();
    }
  }

  await steps.step("a call that Telegram resets after accepting it is repeated: one message, and 504", () =>
    expectUnknown(reset, "reset_after"),
  );

  await steps.step("a call that Telegram answers 500 after accepting it is repeated: one message, and 504", () =>
    expectUnknown(answerless, "server_error", { after_effect: true }),
  );

  await steps.step("a text cut off after Telegram accepted it is repeated: one message, and its answer", () =>
    onWire(async (client, wire) => {
      await telegram.nextCallSuffers(cut, "slow_answer", { duration_ms: 2_000 });
      const sent = client.sendText(cut, "once");
      await cutWhenAccepted(wire, cut);
      expect("the text that came back", (await sent).text, "once");
      expectRepeated(wire, "sendMessage");
      expectChat(await telegram.received(bot, cut), "sendMessage accepted 1 once");
    }),
  );

  await steps.step("a photo cut off after Telegram accepted it is repeated: one message, and its answer", () =>
    onWire(async (client, wire) => {
      await telegram.nextCallSuffers(cutPhoto, "slow_answer", { duration_ms: 2_000 });
      const sent = client.sendPhoto(cutPhoto, randomBytes(100_000), "once");
      await cutWhenAccepted(wire, cutPhoto);
      expect("the caption that came back", (await sent).caption, "once");
      expectRepeated(wire, "sendPhoto");
      expectChat(await telegram.received(bot, cutPhoto), "sendPhoto accepted 1 once");
    }),
  );

  await steps.step("a call that is told to come back comes back then: one message", () =>
    onWire(async (client, wire) => {
      await fill(token, full, 6); // longer than a call waits here
      const sent = await client.sendText(full, "once");
      expect("the text that came back", sent.text, "once");
      expect("the first answer", wire.callsOf("sendMessage")[0].answer.split(" ")[1], "429");
      expectChat(await telegram.received(bot, full), "sendMediaGroup accepted 6", "sendMessage accepted 1 once");
    }),
  );

  function expectUnknown(chat, effect, details) {
    return onWire(async (client, wire) => {
      await telegram.nextCallSuffers(chat, effect, details);
      const refusal = await failureOf(client.sendText(chat, "once"), client.Refusal);
      expect("the error's code", client.codeOf(refusal), 504);
      expect("how often the client sent it", wire.callsOf("sendMessage").length, client.attempts);
      expectChat(await telegram.received(bot, chat), "sendMessage accepted 1 once");
    });
  }

  async function cutWhenAccepted(wire, chat) {
    await telegram.hasReceived(bot, chat, 1);
    wire.cut();
  }
}

/** The first got no answer; a later one got that of the first. */
function expectRepeated(wire, method) {
  const calls = wire.callsOf(method);
  expect("the answers", [calls[0].answer, /^HTTP\/1\.1 200 /.test(calls.at(-1).answer)], [undefined, true]);
  if (!/idempotent-replay: true/i.test(calls.at(-1).answer)) {
    throw new Error(`the last answer is not marked as the first's: ${calls.at(-1).answer}`);
  }
}

const clients = [
  [new Steps("node-telegram-bot-api that repeats", 100), 725_000_000, nodeTelegramBotApi],
  [new Steps("grammy with auto-retry", 100), 726_000_000, grammyAutoRetry],
];
await Promise.all(clients.map(([steps, bot, connect]) => repeatSteps(steps, bot, connect)));
process.exit(Math.max(...clients.map(([steps]) => steps.exitCode)));
