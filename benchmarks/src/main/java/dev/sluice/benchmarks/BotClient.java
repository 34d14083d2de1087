package dev.sluice.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A bot's HTTP client: one connection that stays open, one call at a time. */
final class BotClient implements AutoCloseable {
    /** So many bots that each stays within its limits, whatever the pace. */
    static final int BOTS = 200;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long FIRST_BOT = 800_000_000;
    private static final String SECRET = ":AAE-benchmark-any-letters-will-do__";

    private final String url;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private long calls;

    BotClient(String url) {
        this.url = url;
    }

    /** Introduces every bot, so that no measured call has to: the gateway asks for a token's getMe once. */
    void introduce() throws IOException, InterruptedException {
        for (int bot = 0; bot < BOTS; bot++) {
            call(bot, "getMe", "");
        }
    }

    /** Sends one message to a chat of its own; returns the milliseconds until the answer was read. */
    double sendMillis() throws IOException, InterruptedException {
        long number = ++calls;
        String form = "chat_id=" + (1_000_000 + number) + "&text=message+" + number;
        long began = System.nanoTime();
        call((int) (number % BOTS), "sendMessage", form);
        return (System.nanoTime() - began) / 1e6;
    }

    static String path(int bot, String method) {
        return "/bot" + (FIRST_BOT + bot) + SECRET + "/" + method;
    }

    private void call(int bot, String method, String form) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url + path(bot, method)))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form))
                .build();
        var answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(method + " was answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
