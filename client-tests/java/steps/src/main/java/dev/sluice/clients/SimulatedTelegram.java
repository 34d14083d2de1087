package dev.sluice.clients;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The simulator's control API, asked directly and not through the gateway. */
public final class SimulatedTelegram {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final String url;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    public SimulatedTelegram(String url) {
        this.url = url;
    }

    /** All that a chat was sent, refused calls included, in order: {@code method outcome weight text}. */
    List<String> ledger(long bot, long chat) throws Exception {
        return call(HttpRequest.newBuilder(URI.create(url + "/simulator/ledger/" + bot + "/" + chat))
                        .GET())
                .getAsJsonArray()
                .asList()
                .stream()
                .map(JsonElement::getAsJsonObject)
                .map(SimulatedTelegram::line)
                .toList();
    }

    /**
     * What a chat has: the accepted calls of its ledger. A call that leaves late and one that leaves early can meet at Telegram
     * closer together than they were let go; then Telegram says 429, and the gateway waits and sends again.
     */
    List<String> received(long bot, long chat) throws Exception {
        return ledger(bot, chat).stream()
                .filter(line -> line.contains(" accepted "))
                .toList();
    }

    void floodChat(long chat, int retryAfter) throws Exception {
        post("/simulator/chats/" + chat, Map.of("state", "flooded", "retry_after", retryAfter));
    }

    void userWrites(long user, long bot, String text) throws Exception {
        post("/simulator/users/" + user + "/messages", Map.of("bot", bot, "text", text));
    }

    private void post(String path, Map<String, Object> parameters) throws Exception {
        var json = new JsonObject();
        parameters.forEach((name, value) -> json.addProperty(name, value.toString()));
        call(HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json.toString())));
    }

    private JsonElement call(HttpRequest.Builder request) throws IOException, InterruptedException {
        var answer = http.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("the simulator answered " + answer.statusCode() + ": " + answer.body());
        }
        return JsonParser.parseString(answer.body()).getAsJsonObject().get("result");
    }

    private static String line(JsonObject entry) {
        return String.join(
                        " ",
                        entry.get("method").getAsString(),
                        entry.get("outcome").getAsString(),
                        entry.get("weight").getAsString(),
                        entry.get("text").getAsString())
                .strip();
    }
}
