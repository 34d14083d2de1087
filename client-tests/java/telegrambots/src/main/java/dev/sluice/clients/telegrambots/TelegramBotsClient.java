package dev.sluice.clients.telegrambots;

import dev.sluice.clients.Client;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.telegram.telegrambots.client.okhttp.OkHttpTelegramClient;
import org.telegram.telegrambots.longpolling.TelegramBotsLongPollingApplication;
import org.telegram.telegrambots.longpolling.util.DefaultGetUpdatesGenerator;
import org.telegram.telegrambots.longpolling.util.LongPollingSingleThreadUpdateConsumer;
import org.telegram.telegrambots.meta.TelegramUrl;
import org.telegram.telegrambots.meta.api.methods.GetFile;
import org.telegram.telegrambots.meta.api.methods.GetMe;
import org.telegram.telegrambots.meta.api.methods.send.SendMediaGroup;
import org.telegram.telegrambots.meta.api.methods.send.SendMessage;
import org.telegram.telegrambots.meta.api.methods.send.SendPhoto;
import org.telegram.telegrambots.meta.api.methods.updatingmessages.DeleteMessage;
import org.telegram.telegrambots.meta.api.methods.updatingmessages.EditMessageText;
import org.telegram.telegrambots.meta.api.objects.InputFile;
import org.telegram.telegrambots.meta.api.objects.media.InputMediaPhoto;
import org.telegram.telegrambots.meta.api.objects.replykeyboard.InlineKeyboardMarkup;
import org.telegram.telegrambots.meta.api.objects.replykeyboard.buttons.InlineKeyboardButton;
import org.telegram.telegrambots.meta.api.objects.replykeyboard.buttons.InlineKeyboardRow;
import org.telegram.telegrambots.meta.exceptions.TelegramApiException;
import org.telegram.telegrambots.meta.exceptions.TelegramApiRequestException;

/** TelegramBots: JSON with lower-case methods and the chat as text; multipart with the file first. */
final class TelegramBotsClient implements Client {
    private final String gateway;
    private final String token;
    private final TelegramUrl url;
    private final OkHttpClient http;
    private final OkHttpTelegramClient bot;

    TelegramBotsClient(String gateway, String token, OkHttpClient http) {
        var uri = URI.create(gateway);
        this.gateway = gateway;
        this.token = token;
        this.http = http;
        url = new TelegramUrl(uri.getScheme(), uri.getHost(), uri.getPort(), false);
        bot = new OkHttpTelegramClient(http, token, url);
    }

    @Override
    public Me getMe() throws Exception {
        var me = call(() -> bot.execute(new GetMe()));
        return new Me(me.getId(), me.getIsBot());
    }

    @Override
    public Message sendText(long chat, String text, String... buttons) throws Exception {
        var request = new SendMessage(Long.toString(chat), text);
        if (buttons.length > 0) {
            var row = new InlineKeyboardRow(Arrays.stream(buttons)
                    .map(label -> InlineKeyboardButton.builder()
                            .text(label)
                            .callbackData(label)
                            .build())
                    .toList());
            request.setReplyMarkup(new InlineKeyboardMarkup(List.of(row)));
        }
        return message(call(() -> bot.execute(request)));
    }

    @Override
    public Message sendPhoto(long chat, byte[] picture, String caption) throws Exception {
        var request = new SendPhoto(Long.toString(chat), new InputFile(new ByteArrayInputStream(picture), "photo.jpg"));
        request.setCaption(caption);
        return message(call(() -> bot.execute(request)));
    }

    @Override
    public List<Message> sendAlbum(long chat, List<byte[]> pictures) throws Exception {
        var request = SendMediaGroup.builder().chatId(chat);
        for (int i = 0; i < pictures.size(); i++) {
            request.media(new InputMediaPhoto(new ByteArrayInputStream(pictures.get(i)), i + ".jpg"));
        }
        return call(() -> bot.execute(request.build())).stream()
                .map(TelegramBotsClient::message)
                .toList();
    }

    @Override
    public Message editText(long chat, int messageId, String text) throws Exception {
        var request = EditMessageText.builder()
                .chatId(chat)
                .messageId(messageId)
                .text(text)
                .build();
        return message((org.telegram.telegrambots.meta.api.objects.message.Message) call(() -> bot.execute(request)));
    }

    @Override
    public boolean deleteMessage(long chat, int messageId) throws Exception {
        return call(() -> bot.execute(new DeleteMessage(Long.toString(chat), messageId)));
    }

    /** The library itself downloads from Telegram's address only, so the bot does it by the URL that Telegram documents. */
    @Override
    public byte[] download(String fileId) throws Exception {
        var file = call(() -> bot.execute(new GetFile(fileId)));
        var request = new Request.Builder().url(gateway + "/file/bot" + token + "/" + file.getFilePath());
        try (var answer = http.newCall(request.build()).execute()) {
            return answer.body().bytes();
        }
    }

    @Override
    public AutoCloseable answerTexts(Consumer<String> heard) throws Exception {
        var polling = new TelegramBotsLongPollingApplication();
        LongPollingSingleThreadUpdateConsumer consumer = update -> {
            try {
                sendText(
                        update.getMessage().getChatId(),
                        "you said " + update.getMessage().getText());
                heard.accept(update.getMessage().getText());
            } catch (Exception e) {
                heard.accept(e.toString());
            }
        };
        polling.registerBot(token, () -> url, new DefaultGetUpdatesGenerator(), consumer);
        return polling;
    }

    private interface LibraryCall<T> {
        T run() throws TelegramApiException;
    }

    private static <T> T call(LibraryCall<T> call) throws Exception {
        try {
            return call.run();
        } catch (TelegramApiRequestException e) {
            var parameters = e.getParameters();
            throw new Refused(
                    e.getErrorCode(), e.getApiResponse(), parameters == null ? null : parameters.getRetryAfter());
        }
    }

    private static Message message(org.telegram.telegrambots.meta.api.objects.message.Message message) {
        var keyboard = message.getReplyMarkup();
        return new Message(
                message.getMessageId(),
                message.hasText() ? message.getText() : message.getCaption(),
                keyboard == null
                        ? List.of()
                        : keyboard.getKeyboard().stream()
                                .flatMap(List::stream)
                                .map(button -> button.getText() + "=" + button.getCallbackData())
                                .toList(),
                message.hasPhoto() ? message.getPhoto().getLast().getFileId() : "");
    }
}
