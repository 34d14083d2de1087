package dev.sluice.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** Requests of many bots, as bytes. */
final class BotRequests {
    private static final AtomicLong SENT = new AtomicLong();

    private BotRequests() {}

    static byte[] getMe(int bot) {
        return bytes("GET " + BotClient.path(bot, "getMe") + " HTTP/1.1\r\nHost: benchmark\r\n\r\n");
    }

    /** Introduces every bot, so that no measured call has to: the gateway asks for a token's getMe once. */
    static void introduceAll(HttpConnections connections) throws IOException {
        for (int bot = 0; bot < BotClient.BOTS; bot++) {
            connections.call(getMe(bot));
        }
    }

    /** The next message of all, by the bots in turns, to a chat that no other goes to. */
    static byte[] nextMessage() {
        long number = SENT.incrementAndGet();
        return message((int) (number % BotClient.BOTS), 10_000_000 + number, "");
    }

    /** @param headers further lines of the head, each with its end */
    static byte[] message(int bot, long chat, String headers) {
        return post(BotClient.path(bot, "sendMessage"), "chat_id=" + chat + "&text=message+to+" + chat, headers);
    }

    /** @param headers further lines of the head, each with its end */
    static byte[] post(String path, String form, String headers) {
        return bytes("POST " + path + " HTTP/1.1\r\nHost: benchmark\r\n" + headers
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + form.length() + "\r\n\r\n"
                + form);
    }

    private static byte[] bytes(String request) {
        return request.getBytes(StandardCharsets.US_ASCII);
    }
}
