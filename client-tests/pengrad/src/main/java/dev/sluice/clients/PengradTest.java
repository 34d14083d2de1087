package dev.sluice.clients;

import static dev.sluice.clients.Steps.expect;
import static dev.sluice.clients.Steps.expectBetween;
import static dev.sluice.clients.Steps.expectChat;

import com.pengrad.telegrambot.TelegramBot;
import com.pengrad.telegrambot.UpdatesListener;
import com.pengrad.telegrambot.model.Message;
import com.pengrad.telegrambot.model.PhotoSize;
import com.pengrad.telegrambot.model.Update;
import com.pengrad.telegrambot.model.request.InputMediaPhoto;
import com.pengrad.telegrambot.request.DeleteMessage;
import com.pengrad.telegrambot.request.EditMessageText;
import com.pengrad.telegrambot.request.GetFile;
import com.pengrad.telegrambot.request.GetMe;
import com.pengrad.telegrambot.request.GetUpdates;
import com.pengrad.telegrambot.request.SendMediaGroup;
import com.pengrad.telegrambot.request.SendMessage;
import com.pengrad.telegrambot.request.SendPhoto;
import com.pengrad.telegrambot.response.BaseResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A bot written with pengrad's java-telegram-bot-api that knows nothing of Sluice but a base URL, and that does what Telegram's
 * limits forbid: three sends to one chat without a pause.
 */
public final class PengradTest {
    private static final long BOT = 710_000_001;
    private static final String TOKEN = BOT + ":AAE-pengrad-and-any-letters-will-do";

    // Each step has chats of its own, so that none waits for another's limits.
    private static final long SENDING = 711_001;
    private static final long FULL = 711_002;
    private static final long CHANGING = 711_003;
    private static final long FLOODED = 711_004;
    private static final long WRITING = 711_005;

    /** Chats that the simulator knows as having blocked every bot. */
    private static final long BLOCKED = 999_000_403;

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final SimulatedTelegram telegram;
    private final TelegramBot bot;
    private final Random random = new Random(1);

    private PengradTest(String gateway, String simulator) {
        telegram = new SimulatedTelegram(simulator);
        bot = new TelegramBot.Builder(TOKEN)
                .apiUrl(gateway + "/bot")
                .fileApiUrl(gateway + "/file/bot")
                .build();
    }

    public static void main(String[] args) {
        var steps = new Steps("pengrad", Duration.ofSeconds(60));
        var test = new PengradTest(args[0], args[1]);
        steps.step("getMe tells who the bot is", test::getMe);
        steps.step("text, photo and album arrive in order, each once, files whole", test::sends);
        steps.step("a full chat answers 429 with its delay, and Telegram is not asked", test::fullChat);
        steps.step("a message is edited and deleted", test::changes);
        steps.step("a blocked chat answers Telegram's 403", test::blocked);
        steps.step("Telegram's own 429 arrives with its delay, and binds the next call", test::flood);
        steps.step("long polling hears a user, and the answers arrive in order", test::longPolling);
        test.bot.shutdown();
        System.out.flush();
        System.exit(steps.exitCode()); // the library's threads would keep the process for a minute
    }

    private void getMe() {
        var me = bot.execute(new GetMe());
        expectOk(me);
        expect("the bot's id", me.user().id(), BOT);
        expect("is_bot", me.user().isBot(), true);
    }

    private void sends() throws Exception {
        byte[] picture = picture();
        List<byte[]> pictures = List.of(picture(), picture(), picture());

        var text = bot.execute(new SendMessage(SENDING, "Привет, world & <b>co</b> 👋"));
        var photo = bot.execute(new SendPhoto(SENDING, picture).caption("one photo"));
        var album = bot.execute(new SendMediaGroup(
                SENDING, pictures.stream().map(InputMediaPhoto::new).toArray(InputMediaPhoto[]::new)));

        expectOk(text);
        expect("the text that came back", text.message().text(), "Привет, world & <b>co</b> 👋");
        expectOk(photo);
        expect("the caption that came back", photo.message().caption(), "one photo");
        expectSameFile(photo.message(), picture);
        expectOk(album);
        expect("the album's length", album.messages().length, 3);
        for (int i = 0; i < pictures.size(); i++) {
            expectSameFile(album.messages()[i], pictures.get(i));
        }
        expectChat(
                telegram.received(BOT, SENDING),
                "sendMessage accepted 1 Привет, world & <b>co</b> 👋",
                "sendPhoto accepted 1 one photo",
                "sendMediaGroup accepted 3");
    }

    /** An album of ten fills its chat for ten seconds; no call waits here for more than four. */
    private void fullChat() throws Exception {
        var album = new InputMediaPhoto[10];
        Arrays.setAll(album, i -> new InputMediaPhoto(picture()));
        expectOk(bot.execute(new SendMediaGroup(FULL, album)));
        var tooSoon = bot.execute(new SendMessage(FULL, "too soon"));
        expect("error_code", tooSoon.errorCode(), 429);
        expectBetween("retry_after", tooSoon.parameters().retryAfter(), 1, 10);
        expectChat(telegram.ledger(BOT, FULL), "sendMediaGroup accepted 10");
    }

    private void changes() throws Exception {
        var sent = bot.execute(new SendMessage(CHANGING, "draft"));
        expectOk(sent);
        int id = sent.message().messageId();
        expectOk(bot.execute(new EditMessageText(CHANGING, id, "final")));
        expectOk(bot.execute(new DeleteMessage(CHANGING, id)));
        expectChat(
                telegram.received(BOT, CHANGING),
                "sendMessage accepted 1 draft",
                "editMessageText accepted 1 final",
                "deleteMessage accepted 0");
    }

    private void blocked() throws Exception {
        var refused = bot.execute(new SendMessage(BLOCKED, "hello?"));
        expect("ok", refused.isOk(), false);
        expect("error_code", refused.errorCode(), 403);
        expect("description", refused.description(), "Forbidden: bot was blocked by the user");
        expectChat(telegram.ledger(BOT, BLOCKED), "sendMessage refused 0 hello?");
    }

    private void flood() throws Exception {
        telegram.floodChat(FLOODED, 30);
        var first = bot.execute(new SendMessage(FLOODED, "first"));
        expect("error_code", first.errorCode(), 429);
        expectBetween("retry_after", first.parameters().retryAfter(), 20, 30);
        var second = bot.execute(new SendMessage(FLOODED, "second"));
        expect("error_code of the next", second.errorCode(), 429);
        expectBetween("retry_after of the next", second.parameters().retryAfter(), 20, 30);
        expectChat(telegram.ledger(BOT, FLOODED), "sendMessage flooded 0 first");
    }

    private void longPolling() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        bot.setUpdatesListener(
                updates -> {
                    for (Update update : updates) {
                        heard.add(update.message().text());
                        var reply = bot.execute(new SendMessage(
                                update.message().chat().id(),
                                "you said " + update.message().text()));
                        heard.add(reply.isOk() ? "answered" : reply.toString());
                    }
                    return UpdatesListener.CONFIRMED_UPDATES_ALL;
                },
                failure -> heard.add(failure.toString()),
                new GetUpdates().timeout(20));
        try {
            for (String word : List.of("one", "two")) {
                telegram.userWrites(WRITING, BOT, word);
                expect("the next heard", next(heard), word);
                expect("its answer", next(heard), "answered");
            }
        } finally {
            bot.removeGetUpdatesListener();
        }
        expect("anything more heard", heard.peek(), null);
        expectChat(
                telegram.received(BOT, WRITING),
                "sendMessage accepted 1 you said one",
                "sendMessage accepted 1 you said two");
    }

    private static String next(LinkedBlockingQueue<String> heard) throws InterruptedException {
        return heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void expectSameFile(Message message, byte[] sent) throws Exception {
        PhotoSize[] sizes = message.photo();
        var file = bot.execute(new GetFile(sizes[sizes.length - 1].fileId()));
        expectOk(file);
        if (!Arrays.equals(bot.getFileContent(file.file()), sent)) {
            throw new AssertionError("the file that came back is not the one that was sent");
        }
    }

    /** Nobody decodes it: bytes of every value, unlike those of any other, and more than one network packet. */
    private byte[] picture() {
        byte[] bytes = new byte[100_000];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void expectOk(BaseResponse response) {
        if (!response.isOk()) {
            throw new AssertionError("the answer is " + response);
        }
    }
}
