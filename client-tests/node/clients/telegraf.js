// telegraf: JSON, and multipart in chunks.

import { Markup, Telegraf, TelegramError } from "telegraf";
import { message } from "telegraf/filters";

export function connect(token, apiRoot) {
  const bot = new Telegraf(token, { telegram: { apiRoot } });
  const { telegram } = bot;
  return {
    getMe: () => telegram.getMe(),
    sendText: (chat, text, buttons) =>
      telegram.sendMessage(chat, text, buttons && Markup.inlineKeyboard(buttons.map((b) => Markup.button.callback(b, b)))),
    sendPhoto: (chat, bytes, caption) => telegram.sendPhoto(chat, { source: bytes }, { caption }),
    sendAlbum: (chat, pictures) =>
      telegram.sendMediaGroup(chat, pictures.map((source) => ({ type: "photo", media: { source } }))),
    editText: (chat, id, text) => telegram.editMessageText(chat, id, undefined, text),
    deleteMessage: (chat, id) => telegram.deleteMessage(chat, id),

    /** It makes the link, and leaves the download to the bot. */
    async download(fileId) {
      return fetch(await telegram.getFileLink(fileId)).then((answer) => answer.arrayBuffer());
    },

    async answerTexts(answered, failed) {
      bot.on(message("text"), async (context) => {
        await context.reply(`you said ${context.message.text}`);
        answered(context.message.text);
      });
      bot.catch(failed);
      const running = bot.launch().catch(failed);
      return async () => {
        bot.stop();
        await running;
      };
    },

    Refusal: TelegramError,
    detailsOf: ({ code, description, parameters }) => ({ code, description, retryAfter: parameters?.retry_after }),
    onTheWire: [["sendPhoto", /content-type: multipart\/form-data/i, /transfer-encoding: chunked/i]],
  };
}
