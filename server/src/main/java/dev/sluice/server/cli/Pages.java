package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** Reads and changes lists of the admin API to their ends. */
final class Pages {
    private final AdminClient server;

    Pages(AdminClient server) {
        this.server = server;
    }

    /**
     * All that a list holds.
     *
     * @param path with a query
     * @param member of an answer that holds a page
     */
    ArrayNode all(String path, String member) throws InterruptedException {
        ArrayNode all = JsonMapper.shared().createArrayNode();
        each(path, member, all::add);
        return all;
    }

    /** The same one by one, each page as it comes. */
    void each(String path, String member, Consumer<JsonNode> taker) throws InterruptedException {
        eachPage(path, page -> page.path(member).forEach(taker));
    }

    /** The same page by page. */
    void eachPage(String path, Consumer<JsonNode> taker) throws InterruptedException {
        var cursor = "";
        do {
            var page = server.get(path + cursor).json();
            taker.accept(page);
            cursor = page.path("next_cursor").isString()
                    ? "&cursor=" + escaped(page.path("next_cursor").asString())
                    : "";
        } while (!cursor.isEmpty());
    }

    /**
     * Changes all of a list that match, step by step.
     *
     * @return how many were
     */
    long changed(String path, JsonNode which) throws InterruptedException {
        long changed = 0;
        var cursor = "";
        do {
            var answer = server.send("POST", path + cursor, which).json();
            changed += answer.path("changed").asLong();
            cursor = answer.path("next_cursor").isString()
                    ? "?cursor=" + escaped(answer.path("next_cursor").asString())
                    : "";
        } while (!cursor.isEmpty());
        return changed;
    }

    /** Why a message's last attempt failed. */
    static String lastReason(JsonNode message) {
        var attempts = message.path("failed_attempts");
        return attempts.isEmpty()
                ? "-"
                : attempts.path(attempts.size() - 1).path("reason").asString();
    }

    static String escaped(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
