package dev.sluice.clients.telegrambots;

import static dev.sluice.clients.Steps.expect;

import dev.sluice.clients.BotSteps;
import dev.sluice.clients.SimulatedTelegram;
import dev.sluice.clients.Steps;
import java.time.Duration;
import okhttp3.OkHttpClient;

/** TelegramBots in a process of its own; called with the URLs of gateway and simulator. */
final class TelegramBotsTest {
    private static final long BOT = 712_000_000;

    private TelegramBotsTest() {}

    public static void main(String[] args) {
        var steps = new Steps("telegrambots", Duration.ofSeconds(60));
        var wire = new Wire();
        var http = new OkHttpClient.Builder().addNetworkInterceptor(wire).build();
        var client = new TelegramBotsClient(args[0], BOT + ":AAE-any-letters-and-digits-will-do_", http);
        BotSteps.run(steps, BOT, client, new SimulatedTelegram(args[1]));
        steps.step("methods went in lower case, files ahead of the chat, answers compressed", () -> expectHabits(wire));
        System.out.flush();
        System.exit(steps.exitCode()); // the library's threads would keep the process for a minute
    }

    /** What makes this client worth testing is really what it does. */
    private static void expectHabits(Wire wire) {
        var photo = wire.callOf("sendphoto").body();
        int file = photo.indexOf("filename=\"photo.jpg\"");
        int chat = photo.indexOf("name=\"chat_id\"");
        expect("that the file is there, and ahead of the chat", file >= 0 && file < chat, true);
        var text = wire.callOf("sendmessage").body();
        expect("that the chat is text", text.contains("\"chat_id\":\"" + (BOT + 1) + "\""), true);
        expect("that the method is named again", text.contains("\"method\":\"sendmessage\""), true);
        expect("the coding of the answer", wire.callOf("getme").answerCoding(), "gzip");
    }
}
