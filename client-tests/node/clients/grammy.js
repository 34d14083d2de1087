// grammY: JSON, and multipart in chunks.

import { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder } from "grammy";

export function connect(token, apiRoot) {
  const bot = new Bot(token, { client: { apiRoot } });
  return {
    getMe: () => bot.api.getMe(),
    sendText: (chat, text, buttons) =>
      bot.api.sendMessage(chat, text, buttons && { reply_markup: keyboard(buttons) }),
    sendPhoto: (chat, bytes, caption) => bot.api.sendPhoto(chat, new InputFile(bytes, "photo.jpg"), { caption }),
    sendAlbum: (chat, pictures) =>
      bot.api.sendMediaGroup(chat, pictures.map((bytes) => InputMediaBuilder.photo(new InputFile(bytes)))),
    editText: (chat, id, text) => bot.api.editMessageText(chat, id, text),
    deleteMessage: (chat, id) => bot.api.deleteMessage(chat, id),

    /** Downloads are left to the bot: by the URL that Telegram documents. */
    async download(fileId) {
      const file = await bot.api.getFile(fileId);
      return fetch(`${apiRoot}/file/bot${token}/${file.file_path}`).then((answer) => answer.arrayBuffer());
    },

    async answerTexts(answered, failed) {
      bot.on("message:text", async (context) => {
        await context.reply(`you said ${context.message.text}`);
        answered(context.message.text);
      });
      bot.catch(failed);
      bot.start({ timeout: 20 }).catch(failed);
      return () => bot.stop();
    },

    Refusal: GrammyError,
    detailsOf: ({ error_code, description, parameters }) => ({
      code: error_code,
      description,
      retryAfter: parameters.retry_after,
    }),
    onTheWire: [["sendPhoto", /content-type: multipart\/form-data/i, /transfer-encoding: chunked/i]],
  };
}

function keyboard(buttons) {
  return InlineKeyboard.from([buttons.map((label) => InlineKeyboard.text(label, label))]);
}
