// A bot written with grammY that knows nothing of Sluice but a base URL, and that does what Telegram's limits forbid: three
// sends to one chat without a pause.

import { randomBytes } from "node:crypto";
import { once, EventEmitter } from "node:events";
import { Bot, GrammyError, InputFile, InputMediaBuilder } from "grammy";
import { SimulatedTelegram } from "./simulated-telegram.js";
import { Steps, expect, expectBetween, expectChat, failureOf } from "./steps.js";

const BOT = 720_000_001;
const TOKEN = `${BOT}:AAE-grammy-and-any-letters-will-do_`;

// Each step has chats of its own, so that none waits for another's limits.
const SENDING = 721_001;
const FULL = 721_002;
const CHANGING = 721_003;
const FLOODED = 721_004;
const WRITING = 721_005;

// A chat that the simulator knows as having blocked every bot.
const BLOCKED = 999_000_403;

const PATIENCE_MILLIS = 15_000;

const [gateway, simulator] = process.argv.slice(2);
const telegram = new SimulatedTelegram(simulator);
const bot = new Bot(TOKEN, { client: { apiRoot: gateway } });
const steps = new Steps("grammy", 60);

await steps.step("getMe tells who the bot is", async () => {
  const me = await bot.api.getMe();
  expect("the bot's id", me.id, BOT);
  expect("is_bot", me.is_bot, true);
});

await steps.step("text, photo and album arrive in order, each once, files whole", async () => {
  const picture = newPicture();
  const pictures = [newPicture(), newPicture(), newPicture()];

  const text = await bot.api.sendMessage(SENDING, "Привет, world & <b>co</b> 👋");
  const photo = await bot.api.sendPhoto(SENDING, new InputFile(picture, "photo.jpg"), { caption: "one photo" });
  const album = await bot.api.sendMediaGroup(
    SENDING,
    pictures.map((bytes) => InputMediaBuilder.photo(new InputFile(bytes))),
  );

  expect("the text that came back", text.text, "Привет, world & <b>co</b> 👋");
  expect("the caption that came back", photo.caption, "one photo");
  await expectSameFile(photo, picture);
  expect("the album's length", album.length, 3);
  for (const [i, message] of album.entries()) {
    await expectSameFile(message, pictures[i]);
  }
  expectChat(
    await telegram.received(BOT, SENDING),
    "sendMessage accepted 1 Привет, world & <b>co</b> 👋",
    "sendPhoto accepted 1 one photo",
    "sendMediaGroup accepted 3",
  );
});

await steps.step("a full chat throws 429 with its delay, and Telegram is not asked", async () => {
  // An album of ten fills its chat for ten seconds; no call waits here for more than four.
  const album = Array.from({ length: 10 }, () => InputMediaBuilder.photo(new InputFile(newPicture())));
  await bot.api.sendMediaGroup(FULL, album);
  const tooSoon = await failureOf(bot.api.sendMessage(FULL, "too soon"), GrammyError);
  expect("error_code", tooSoon.error_code, 429);
  expectBetween("retry_after", tooSoon.parameters.retry_after, 1, 10);
  expectChat(await telegram.ledger(BOT, FULL), "sendMediaGroup accepted 10");
});

await steps.step("a message is edited and deleted", async () => {
  const sent = await bot.api.sendMessage(CHANGING, "draft");
  const edited = await bot.api.editMessageText(CHANGING, sent.message_id, "final");
  expect("the text that came back", edited.text, "final");
  expect("the answer to the delete", await bot.api.deleteMessage(CHANGING, sent.message_id), true);
  expectChat(
    await telegram.received(BOT, CHANGING),
    "sendMessage accepted 1 draft",
    "editMessageText accepted 1 final",
    "deleteMessage accepted 0",
  );
});

await steps.step("a blocked chat throws Telegram's 403", async () => {
  const refused = await failureOf(bot.api.sendMessage(BLOCKED, "hello?"), GrammyError);
  expect("error_code", refused.error_code, 403);
  expect("description", refused.description, "Forbidden: bot was blocked by the user");
  expectChat(await telegram.ledger(BOT, BLOCKED), "sendMessage refused 0 hello?");
});

await steps.step("Telegram's own 429 is thrown with its delay, and binds the next call", async () => {
  await telegram.floodChat(FLOODED, 30);
  for (const text of ["first", "second"]) {
    const flooded = await failureOf(bot.api.sendMessage(FLOODED, text), GrammyError);
    expect(`error_code of the ${text}`, flooded.error_code, 429);
    expectBetween(`retry_after of the ${text}`, flooded.parameters.retry_after, 20, 30);
  }
  expectChat(await telegram.ledger(BOT, FLOODED), "sendMessage flooded 0 first");
});

await steps.step("long polling hears a user, and the answers arrive in order", async () => {
  const ear = new EventEmitter();
  const heard = [];
  bot.on("message:text", async (context) => {
    heard.push(context.message.text);
    await context.reply(`you said ${context.message.text}`);
    ear.emit("answered");
  });
  bot.catch((failure) => ear.emit("error", failure));
  await new Promise((started, failed) => {
    bot.start({ timeout: 20, onStart: started }).catch(failed);
  });
  try {
    for (const word of ["one", "two"]) {
      const answered = once(ear, "answered", { signal: AbortSignal.timeout(PATIENCE_MILLIS) });
      await telegram.userWrites(WRITING, BOT, word);
      await answered;
    }
  } finally {
    await bot.stop();
  }
  expect("what was heard", heard, ["one", "two"]);
  expectChat(
    await telegram.received(BOT, WRITING),
    "sendMessage accepted 1 you said one",
    "sendMessage accepted 1 you said two",
  );
});

process.exit(steps.exitCode);

/** grammY leaves downloads to its users: by the URL that Telegram documents. */
async function expectSameFile(message, sent) {
  const file = await bot.api.getFile(message.photo.at(-1).file_id);
  const answer = await fetch(`${gateway}/file/bot${TOKEN}/${file.file_path}`, { signal: AbortSignal.timeout(10_000) });
  if (!Buffer.from(await answer.arrayBuffer()).equals(sent)) {
    throw new Error("the file that came back is not the one that was sent");
  }
}

/** Nobody decodes it: bytes of every value, unlike those of any other, and more than one network packet. */
function newPicture() {
  return randomBytes(100_000);
}
