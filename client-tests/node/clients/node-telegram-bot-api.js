// node-telegram-bot-api: urlencoded, and multipart in chunks.

import { Bot, InlineKeyboardBuilder, InputFile, MediaGroupBuilder, TelegramApiError } from "node-telegram-bot-api";

export function connect(token, apiRoot) {
  // By itself it would wait out a 429 of up to a minute; here the 429 is to be seen. repeats.js leaves it as it is.
  const bot = new Bot(token, { apiRoot, maxRetryAfterMs: 1 });
  const { api } = bot;
  return {
    getMe: () => api.getMe(),
    sendText: (chat, text, buttons) =>
      api.sendMessage({ chat_id: chat, text, reply_markup: buttons && keyboard(buttons) }),
    sendPhoto: (chat, bytes, caption) =>
      api.sendPhoto({ chat_id: chat, photo: new InputFile(bytes, { filename: "photo.jpg" }), caption }),
    sendAlbum: (chat, pictures) => api.sendMediaGroup({ chat_id: chat, media: album(pictures) }),
    editText: (chat, id, text) => api.editMessageText({ chat_id: chat, message_id: id, text }),
    deleteMessage: (chat, id) => api.deleteMessage({ chat_id: chat, message_id: id }),

    /** Downloads are left to the bot: by the URL that Telegram documents. */
    async download(fileId) {
      const file = await api.getFile({ file_id: fileId });
      return fetch(`${apiRoot}/file/bot${token}/${file.file_path}`).then((answer) => answer.arrayBuffer());
    },

    async answerTexts(answered, failed) {
      bot.on("message", async (context) => {
        await context.reply(`you said ${context.message.text}`);
        answered(context.message.text);
      });
      bot.catch(failed);
      const running = bot.startPolling(undefined, { timeout: 20 }).catch(failed);
      return async () => {
        bot.stop();
        await running;
      };
    },

    Refusal: TelegramApiError,
    detailsOf: ({ errorCode, description, retryAfter }) => ({ code: errorCode, description, retryAfter }),
    onTheWire: [
      ["sendMessage", /content-type: application\/x-www-form-urlencoded/i],
      ["sendPhoto", /content-type: multipart\/form-data/i, /transfer-encoding: chunked/i],
    ],
  };
}

function keyboard(buttons) {
  return buttons.reduce((row, label) => row.text(label, label), new InlineKeyboardBuilder()).build();
}

function album(pictures) {
  return pictures.reduce((all, bytes) => all.photo({ media: new InputFile(bytes) }), new MediaGroupBuilder()).build();
}
