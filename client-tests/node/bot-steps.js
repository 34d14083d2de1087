// What a bot does, and what goes wrong: the steps that every client library passes. The bot knows nothing of Sluice but a base
// URL, and does what Telegram's limits forbid: three sends to one chat without a pause.
//
// A client is one of ./clients: the library behind a few functions that answer with Telegram's objects.

import { randomBytes } from "node:crypto";
import { EventEmitter, on } from "node:events";
import { expect, expectBetween, expectChat, failureOf } from "./steps.js";

// A chat that the simulator knows as having blocked every bot.
const BLOCKED = 999_000_403;

const PATIENCE_MILLIS = 15_000;

export async function botSteps(steps, { bot, client, telegram, wire }) {
  // Each step has chats of its own, so that none waits for another's limits.
  const [sending, full, changing, flooded, writing] = [1, 2, 3, 4, 5].map((n) => bot + n);

  await steps.step("getMe tells who the bot is, also compressed", async () => {
    const me = await client.getMe();
    expect("the bot's id", me.id, bot);
    expect("is_bot", me.is_bot, true);
    expectOnWire("getMe", [/accept-encoding: .*gzip/i], /content-encoding: gzip/i);
  });

  await steps.step("text with keyboard, photo and album arrive in order, each once, files whole", async () => {
    const picture = newPicture();
    const pictures = [newPicture(), newPicture(), newPicture()];

    const text = await client.sendText(sending, "Привет, world & <b>co</b> 👋", ["yes", "no"]);
    const photo = await client.sendPhoto(sending, picture, "one photo");
    const album = await client.sendAlbum(sending, pictures);

    expect("the text that came back", text.text, "Привет, world & <b>co</b> 👋");
    const rows = text.reply_markup.inline_keyboard.map((row) => row.map((button) => [button.text, button.callback_data]));
    expect("the keyboard", rows, [[["yes", "yes"], ["no", "no"]]]);
    expect("the caption that came back", photo.caption, "one photo");
    await expectSameFile(photo, picture);
    expect("the album's length", album.length, 3);
    for (const [i, message] of album.entries()) {
      await expectSameFile(message, pictures[i]);
    }
    expectChat(
      await telegram.received(bot, sending),
      "sendMessage accepted 1 Привет, world & <b>co</b> 👋",
      "sendPhoto accepted 1 one photo",
      "sendMediaGroup accepted 3",
    );
    for (const [method, ...patterns] of client.onTheWire) {
      expectOnWire(method, patterns);
    }
  });

  await steps.step("a full chat throws 429 with its delay, and Telegram is not asked", async () => {
    // An album of ten fills its chat for ten seconds; no call waits here for more than four.
    await client.sendAlbum(full, Array.from({ length: 10 }, newPicture));
    const tooSoon = await refusalOf(client.sendText(full, "too soon"));
    expect("the error's code", tooSoon.code, 429);
    expectBetween("its delay", tooSoon.retryAfter, 1, 10);
    expectChat(await telegram.ledger(bot, full), "sendMediaGroup accepted 10");
  });

  await steps.step("a message is edited and deleted", async () => {
    const sent = await client.sendText(changing, "draft");
    const edited = await client.editText(changing, sent.message_id, "final");
    expect("the text that came back", edited.text, "final");
    expect("the answer to the delete", await client.deleteMessage(changing, sent.message_id), true);
    expectChat(
      await telegram.received(bot, changing),
      "sendMessage accepted 1 draft",
      "editMessageText accepted 1 final",
      "deleteMessage accepted 0",
    );
  });

  await steps.step("a blocked chat throws Telegram's 403", async () => {
    const refused = await refusalOf(client.sendText(BLOCKED, "hello?"));
    expect("the error's code", refused.code, 403);
    expect("its description", refused.description, "Forbidden: bot was blocked by the user");
    expectChat(await telegram.ledger(bot, BLOCKED), "sendMessage refused 0 hello?");
  });

  await steps.step("Telegram's own 429 is thrown with its delay, and binds the next call", async () => {
    await telegram.floodChat(flooded, 30);
    for (const text of ["first", "second"]) {
      const refused = await refusalOf(client.sendText(flooded, text));
      expect(`the code of the ${text}`, refused.code, 429);
      expectBetween(`the delay of the ${text}`, refused.retryAfter, 20, 30);
    }
    expectChat(await telegram.ledger(bot, flooded), "sendMessage flooded 0 first");
  });

  await steps.step("long polling hears a user, and the answers arrive in order", async () => {
    const ear = new EventEmitter();
    const answered = on(ear, "answered", { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    const stop = await client.answerTexts(
      (text) => ear.emit("answered", text),
      (failure) => ear.emit("error", failure),
    );
    try {
      for (const word of ["one", "two"]) {
        await telegram.userWrites(writing, bot, word);
        const { value } = await answered.next();
        expect("what was heard", value, [word]);
      }
    } finally {
      await stop();
    }
    expectChat(
      await telegram.received(bot, writing),
      "sendMessage accepted 1 you said one",
      "sendMessage accepted 1 you said two",
    );
  });

  async function refusalOf(promise) {
    return client.detailsOf(await failureOf(promise, client.Refusal));
  }

  async function expectSameFile(message, sent) {
    const received = await client.download(message.photo.at(-1).file_id);
    if (!Buffer.from(received).equals(sent)) {
      throw new Error("the file that came back is not the one that was sent");
    }
  }

  /** What makes this client worth testing is really what it does. */
  function expectOnWire(method, requestPatterns, answerPattern = /^HTTP\/1\.1 200 /) {
    const [call] = wire.callsOf(method);
    for (const pattern of requestPatterns) {
      expectMatch(`the request to ${method}`, call?.request, pattern);
    }
    expectMatch(`the answer to ${method}`, call?.answer, answerPattern);
  }
}

function expectMatch(what, text, pattern) {
  if (!pattern.test(text ?? "")) {
    throw new Error(`${what} does not match ${pattern}: ${text}`);
  }
}

/** Nobody decodes it: bytes of every value, unlike those of any other, and more than one network packet. */
function newPicture() {
  return randomBytes(100_000);
}
