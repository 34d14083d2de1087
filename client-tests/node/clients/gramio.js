// gramio: JSON; files as multipart, with all other parameters in the query string. Its base URL ends in /bot.

import { Bot, InlineKeyboard, MediaInput, MediaUpload, TelegramError } from "gramio";

export function connect(token, apiRoot) {
  const bot = new Bot(token, { api: { baseURL: `${apiRoot}/bot` } });
  const { api } = bot;
  return {
    getMe: () => api.getMe(),
    sendText: (chat, text, buttons) =>
      api.sendMessage({ chat_id: chat, text, reply_markup: buttons && keyboard(buttons) }),
    sendPhoto: (chat, bytes, caption) =>
      api.sendPhoto({ chat_id: chat, photo: MediaUpload.buffer(bytes, "photo.jpg"), caption }),
    sendAlbum: (chat, pictures) =>
      api.sendMediaGroup({ chat_id: chat, media: pictures.map((bytes) => MediaInput.photo(MediaUpload.buffer(bytes))) }),
    editText: (chat, id, text) => api.editMessageText({ chat_id: chat, message_id: id, text }),
    deleteMessage: (chat, id) => api.deleteMessage({ chat_id: chat, message_id: id }),
    download: (fileId) => bot.downloadFile(fileId),

    async answerTexts(answered, failed) {
      bot.on("message", async (context) => {
        await context.send(`you said ${context.text}`);
        answered(context.text);
      });
      bot.onError(({ error }) => failed(error));
      await bot.start({ longPolling: { timeout: 20 } });
      return () => bot.stop();
    },

    Refusal: TelegramError,
    detailsOf: ({ code, message, payload }) => ({ code, description: message, retryAfter: payload?.retry_after }),
    onTheWire: [["sendPhoto", /^POST \S+\?\S*chat_id=/, /content-type: multipart\/form-data/i]],
  };
}

function keyboard(buttons) {
  return buttons.reduce((row, label) => row.text(label, label), new InlineKeyboard());
}
