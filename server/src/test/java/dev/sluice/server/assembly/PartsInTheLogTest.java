package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What each part of a bot's state was asked, and whether it was there, at debug: with digests for keys, and naming nobody. */
class PartsInTheLogTest extends OnServerFixture {
    private static final String USER = "987654321";

    private final Logger sluice = (Logger) LoggerFactory.getLogger("dev.sluice");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        sluice.setLevel(Level.DEBUG);
        lines.start();
        sluice.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        sluice.detachAppender(lines);
        sluice.setLevel(null);
    }

    @Test
    void hits_and_misses_of_each_part_are_logged_with_hashed_keys() throws Exception {
        try (var server = server(Map.of())) {
            asked(server, "GET", "/v1/fsm/77/" + USER + "/" + USER, "");
            asked(server, "PATCH", "/v1/fsm/77/" + USER + "/" + USER, "{\"state\":\"a\"}");
            asked(server, "GET", "/v1/fsm/77/" + USER + "/" + USER, "");
            asked(server, "GET", "/v1/sessions/77/" + USER, "");
            asked(server, "PATCH", "/v1/sessions/77/" + USER, "{\"actions\":[1]}");
            asked(server, "GET", "/v1/sessions/77/" + USER, "");
            asked(server, "GET", "/v1/history/77/" + USER, "");
            asked(server, "POST", "/v1/history/77/" + USER, "{\"entries\":[{\"role\":\"user\",\"text\":\"a\"}]}");
            asked(server, "GET", "/v1/history/77/" + USER, "");
            asked(server, "PUT", "/v1/cache/user/" + USER, "{\"value\":1}");
            asked(server, "GET", "/v1/cache/user/" + USER, "");
            asked(server, "GET", "/v1/access/77/" + USER, "");
            asked(
                    server,
                    "POST",
                    "/v1/bundles/77",
                    "{\"chat\":" + USER + ",\"message_id\":1,\"date\":1,\"text\":\"a\"}");
            asked(server, "POST", "/v1/locks/of-" + USER, "");
            asked(server, "POST", "/v1/locks/of-" + USER, "");
        }

        List<String> all =
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        String digest = " [0-9a-f]{16,64}: ";
        for (String line : List.of(
                "conversation" + digest + "miss",
                "conversation" + digest + "CHANGED",
                "conversation" + digest + "hit",
                "session" + digest + "miss",
                "session" + digest + "CHANGED",
                "session" + digest + "hit",
                "history" + digest + "miss",
                "history" + digest + "hit",
                "cache user" + digest + "hit, local",
                "cache access_state" + digest + "miss, none",
                "bundle of" + digest + "Added",
                "lock" + digest + "acquired",
                "lock" + digest + "busy")) {
            assertThat(all).as(line).anyMatch(said -> said.matches(line));
        }
        assertThat(all).noneMatch(said -> said.contains(USER));
    }

    private static void asked(SluiceServer server, String method, String path, String body) throws Exception {
        var answer = send(server, method, path, body);
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isBetween(200, 299);
    }
}
