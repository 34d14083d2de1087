package dev.sluice.clients;

import static dev.sluice.clients.Steps.expect;
import static dev.sluice.clients.Steps.expectBetween;
import static dev.sluice.clients.Steps.expectChat;

import dev.sluice.clients.Client.Message;
import dev.sluice.clients.Client.Refused;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a bot does, and what goes wrong: the steps that every client library passes. The bot knows nothing of Sluice but a base
 * URL, and does what Telegram's limits forbid: three sends to one chat without a pause.
 */
public final class BotSteps {
    /** A chat that the simulator knows as having blocked every bot. */
    private static final long BLOCKED = 999_000_403;

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final long bot;
    private final Client client;
    private final SimulatedTelegram telegram;
    private final Random random = new Random(1);

    // Each step has chats of its own, so that none waits for another's limits.
    private final long sending;
    private final long full;
    private final long changing;
    private final long flooded;
    private final long writing;

    private BotSteps(long bot, Client client, SimulatedTelegram telegram) {
        this.bot = bot;
        this.client = client;
        this.telegram = telegram;
        sending = bot + 1;
        full = bot + 2;
        changing = bot + 3;
        flooded = bot + 4;
        writing = bot + 5;
    }

    public static void run(Steps steps, long bot, Client client, SimulatedTelegram telegram) {
        var each = new BotSteps(bot, client, telegram);
        steps.step("getMe tells who the bot is", each::getMe);
        steps.step("text with keyboard, photo and album arrive in order, each once, files whole", each::sends);
        steps.step("a full chat is refused with 429 and its delay, and Telegram is not asked", each::fullChat);
        steps.step("a message is edited and deleted", each::changes);
        steps.step("a blocked chat is refused with Telegram's 403", each::blocked);
        steps.step("Telegram's own 429 arrives with its delay, and binds the next call", each::flood);
        steps.step("long polling hears a user, and the answers arrive in order", each::longPolling);
    }

    private void getMe() throws Exception {
        var me = client.getMe();
        expect("the bot's id", me.id(), bot);
        expect("is_bot", me.isBot(), true);
    }

    private void sends() throws Exception {
        byte[] picture = picture();
        List<byte[]> pictures = pictures(3);

        var text = client.sendText(sending, "Привет, world & <b>co</b> 👋", "yes", "no");
        var photo = client.sendPhoto(sending, picture, "one photo");
        var album = client.sendAlbum(sending, pictures);

        expect("the text that came back", text.text(), "Привет, world & <b>co</b> 👋");
        expect("the keyboard", text.buttons(), List.of("yes=yes", "no=no"));
        expect("the caption that came back", photo.text(), "one photo");
        expectSameFile(photo, picture);
        expect("the album's length", album.size(), 3);
        for (int i = 0; i < pictures.size(); i++) {
            expectSameFile(album.get(i), pictures.get(i));
        }
        expectChat(
                telegram.received(bot, sending),
                "sendMessage accepted 1 Привет, world & <b>co</b> 👋",
                "sendPhoto accepted 1 one photo",
                "sendMediaGroup accepted 3");
    }

    /** An album of ten fills its chat for ten seconds; no call waits here for more than four. */
    private void fullChat() throws Exception {
        client.sendAlbum(full, pictures(10));
        var tooSoon = refused(() -> client.sendText(full, "too soon"));
        expect("the error's code", tooSoon.code, 429);
        expectBetween("its delay", tooSoon.retryAfter, 1, 10);
        expectChat(telegram.ledger(bot, full), "sendMediaGroup accepted 10");
    }

    private void changes() throws Exception {
        var sent = client.sendText(changing, "draft");
        var edited = client.editText(changing, sent.id(), "final");
        expect("the text that came back", edited.text(), "final");
        expect("the answer to the delete", client.deleteMessage(changing, sent.id()), true);
        expectChat(
                telegram.received(bot, changing),
                "sendMessage accepted 1 draft",
                "editMessageText accepted 1 final",
                "deleteMessage accepted 0");
    }

    private void blocked() throws Exception {
        var refused = refused(() -> client.sendText(BLOCKED, "hello?"));
        expect("the error's code", refused.code, 403);
        expect("its description", refused.description, "Forbidden: bot was blocked by the user");
        expectChat(telegram.ledger(bot, BLOCKED), "sendMessage refused 0 hello?");
    }

    private void flood() throws Exception {
        telegram.floodChat(flooded, 30);
        for (String text : List.of("first", "second")) {
            var refused = refused(() -> client.sendText(flooded, text));
            expect("the code of the " + text, refused.code, 429);
            expectBetween("the delay of the " + text, refused.retryAfter, 20, 30);
        }
        expectChat(telegram.ledger(bot, flooded), "sendMessage flooded 0 first");
    }

    private void longPolling() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        try (var polling = client.answerTexts(heard::add)) {
            for (String word : List.of("one", "two")) {
                telegram.userWrites(writing, bot, word);
                expect("what was heard", heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS), word);
            }
        }
        expect("anything more heard", heard.peek(), null);
        expectChat(
                telegram.received(bot, writing),
                "sendMessage accepted 1 you said one",
                "sendMessage accepted 1 you said two");
    }

    private static Refused refused(Steps.Step call) throws Exception {
        try {
            call.run();
        } catch (Refused refused) {
            return refused;
        }
        throw new AssertionError("it succeeded");
    }

    private void expectSameFile(Message message, byte[] sent) throws Exception {
        if (!Arrays.equals(client.download(message.fileId()), sent)) {
            throw new AssertionError("the file that came back is not the one that was sent");
        }
    }

    /** Nobody decodes it: bytes of every value, unlike those of any other, and more than one network packet. */
    private byte[] picture() {
        byte[] bytes = new byte[100_000];
        random.nextBytes(bytes);
        return bytes;
    }

    private List<byte[]> pictures(int number) {
        return Stream.generate(this::picture).limit(number).toList();
    }
}
