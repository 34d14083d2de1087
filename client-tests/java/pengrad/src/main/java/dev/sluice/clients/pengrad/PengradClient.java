package dev.sluice.clients.pengrad;

import com.pengrad.telegrambot.TelegramBot;
import com.pengrad.telegrambot.UpdatesListener;
import com.pengrad.telegrambot.model.Update;
import com.pengrad.telegrambot.model.request.InlineKeyboardButton;
import com.pengrad.telegrambot.model.request.InlineKeyboardMarkup;
import com.pengrad.telegrambot.model.request.InputMediaPhoto;
import com.pengrad.telegrambot.request.BaseRequest;
import com.pengrad.telegrambot.request.DeleteMessage;
import com.pengrad.telegrambot.request.EditMessageText;
import com.pengrad.telegrambot.request.GetFile;
import com.pengrad.telegrambot.request.GetMe;
import com.pengrad.telegrambot.request.GetUpdates;
import com.pengrad.telegrambot.request.SendMediaGroup;
import com.pengrad.telegrambot.request.SendMessage;
import com.pengrad.telegrambot.request.SendPhoto;
import com.pengrad.telegrambot.response.BaseResponse;
import com.pengrad.telegrambot.response.SendResponse;
import dev.sluice.clients.Client;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** pengrad: urlencoded and multipart. It throws nothing: an answer that is not ok says so. */
final class PengradClient implements Client {
    private final TelegramBot bot;

    PengradClient(String gateway, String token) {
        bot = new TelegramBot.Builder(token)
                .apiUrl(gateway + "/bot")
                .fileApiUrl(gateway + "/file/bot")
                .build();
    }

    @Override
    public Me getMe() throws Refused {
        var me = execute(new GetMe()).user();
        return new Me(me.id(), me.isBot());
    }

    @Override
    public Message sendText(long chat, String text, String... buttons) throws Refused {
        var request = new SendMessage(chat, text);
        if (buttons.length > 0) {
            request.replyMarkup(new InlineKeyboardMarkup(Arrays.stream(buttons)
                    .map(label -> new InlineKeyboardButton(label).callbackData(label))
                    .toArray(InlineKeyboardButton[]::new)));
        }
        return message(execute(request).message());
    }

    @Override
    public Message sendPhoto(long chat, byte[] picture, String caption) throws Refused {
        return message(execute(new SendPhoto(chat, picture).caption(caption)).message());
    }

    @Override
    public List<Message> sendAlbum(long chat, List<byte[]> pictures) throws Refused {
        var album = pictures.stream().map(InputMediaPhoto::new).toArray(InputMediaPhoto[]::new);
        return Arrays.stream(execute(new SendMediaGroup(chat, album)).messages())
                .map(PengradClient::message)
                .toList();
    }

    @Override
    public Message editText(long chat, int messageId, String text) throws Refused {
        return message(((SendResponse) execute(new EditMessageText(chat, messageId, text))).message());
    }

    @Override
    public boolean deleteMessage(long chat, int messageId) throws Refused {
        return execute(new DeleteMessage(chat, messageId)).isOk();
    }

    @Override
    public byte[] download(String fileId) throws Exception {
        return bot.getFileContent(execute(new GetFile(fileId)).file());
    }

    @Override
    public AutoCloseable answerTexts(Consumer<String> heard) {
        bot.setUpdatesListener(
                updates -> {
                    for (Update update : updates) {
                        var text = update.message().text();
                        var reply = bot.execute(
                                new SendMessage(update.message().chat().id(), "you said " + text));
                        heard.accept(reply.isOk() ? text : reply.toString());
                    }
                    return UpdatesListener.CONFIRMED_UPDATES_ALL;
                },
                failure -> heard.accept(failure.toString()),
                new GetUpdates().timeout(20));
        return bot::removeGetUpdatesListener;
    }

    private <T extends BaseRequest<T, R>, R extends BaseResponse> R execute(T request) throws Refused {
        R answer = bot.execute(request);
        if (!answer.isOk()) {
            var parameters = Optional.ofNullable(answer.parameters());
            throw new Refused(
                    answer.errorCode(),
                    answer.description(),
                    parameters.map(each -> each.retryAfter()).orElse(null));
        }
        return answer;
    }

    private static Message message(com.pengrad.telegrambot.model.Message message) {
        var photos = message.photo();
        return new Message(
                message.messageId(),
                message.text() != null ? message.text() : message.caption(),
                message.replyMarkup() == null
                        ? List.of()
                        : Stream.of(message.replyMarkup().inlineKeyboard())
                                .flatMap(Stream::of)
                                .map(button -> button.text() + "=" + button.callbackData())
                                .toList(),
                photos == null ? "" : photos[photos.length - 1].fileId());
    }
}
