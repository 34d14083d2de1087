package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What was said last, through whole servers, as a bot in another language keeps it. */
@Timeout(120)
class HistoryOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String ANN = "/v1/history/77/42";
    private static final String GROUP = "/v1/history/77/-100123";

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static JsonNode append(SluiceServer server, String path, String... entries) throws Exception {
        return json(send(server, "POST", path, "{\"entries\":[" + String.join(",", entries) + "]}"));
    }

    private static JsonNode look(SluiceServer server, String path) throws Exception {
        return json(send(server, "GET", path, ""));
    }

    private static List<String> texts(JsonNode history) {
        return history.path("entries")
                .valueStream()
                .map(entry -> entry.path("text").asString())
                .toList();
    }

    private static String said(String text) {
        return "{\"role\":\"user\",\"text\":\"" + text + "\",\"id\":\"" + text + "\"}";
    }

    @Test
    void what_one_replica_is_told_the_other_tells_and_across_a_restart_of_redis() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var one = server(redis);
                var other = server(redis)) {
            assertThat(look(one, ANN).path("version").asLong()).isZero();
            JsonNode first = append(
                    one,
                    ANN,
                    "{\"role\":\"user\",\"text\":\"Annabel?\",\"id\":\"17\",\"date\":1768478400,\"tokens\":5}",
                    "{\"role\":\"assistant\",\"text\":\"Yes\",\"user\":42}");
            // Said long ago: too old to be kept.
            assertThat(first.path("added").asInt()).isEqualTo(2);
            assertThat(first.path("shared").asBoolean()).isTrue();
            append(other, ANN, said("and now"));
            assertThat(append(one, ANN, said("and now")).path("duplicates").asInt())
                    .isEqualTo(1);
            redis.restart();
            await().atMost(BOUND).until(() -> texts(look(other, ANN)).equals(List.of("Yes", "and now")));
            JsonNode seen = look(other, ANN);
            assertThat(seen.path("complete").asBoolean()).isTrue();
            assertThat(seen.path("tokens").asInt()).isEqualTo(5 + 6);
            assertThat(seen.at("/entries/0/role").asString()).isEqualTo("assistant");
            assertThat(seen.at("/entries/0/user").asLong()).isEqualTo(42);
            assertThat(seen.at("/entries/1/id").asString()).isEqualTo("and now");
            assertThat(redis.tell("EXISTS sluice:recent_history:{42}:77")).isEqualTo(":1");
            assertThat(get(one, "/metrics"))
                    .contains("sluice_history_reads_total{answer=\"miss\"} 1.0")
                    .contains("sluice_history_entries_total{answer=\"added\"} 2.0")
                    .contains("sluice_history_waiting 0.0")
                    .doesNotContain("Annabel");
            // This one, too, has to find Redis again first.
            await().atMost(BOUND)
                    .until(() -> part(one, "history").path("survives_restart").asBoolean());
            await().atMost(BOUND).until(() -> look(one, ANN).path("complete").asBoolean());
            assertThat(json(send(one, "DELETE", ANN, "")).path("removed").asInt())
                    .isEqualTo(2);
            assertThat(look(other, ANN).path("entries").isEmpty()).isTrue();
        }
    }

    @Test
    void the_newest_are_shown_within_what_was_asked_and_kept_within_the_settings() throws Exception {
        try (var server = server(Map.of("SLUICE_HISTORY_ENTRIES", "5", "SLUICE_HISTORY_TOKENS", "1000"))) {
            for (int i = 1; i <= 7; i++) {
                append(server, GROUP, said("e" + i));
            }
            assertThat(texts(look(server, GROUP))).containsExactly("e3", "e4", "e5", "e6", "e7");
            assertThat(texts(look(server, GROUP + "?limit=2"))).containsExactly("e6", "e7");
            assertThat(texts(look(server, GROUP + "?max_tokens=15"))).containsExactly("e5", "e6", "e7");
            append(server, GROUP, "{\"role\":\"user\",\"text\":\"long\",\"tokens\":2000}");
            assertThat(texts(look(server, GROUP))).containsExactly("long");
            assertThat(texts(look(server, GROUP + "?max_tokens=1999"))).isEmpty();
        }
    }

    @Test
    void of_64_appends_at_once_to_two_replicas_none_is_lost() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis, "SLUICE_HISTORY_ENTRIES", "100");
                var other = server(redis, "SLUICE_HISTORY_ENTRIES", "100");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                String entry = said("e" + i);
                all.add(threads.submit(() -> append(server, GROUP, entry)));
            }
            for (Future<JsonNode> write : all) {
                assertThat(write.get().path("added").asInt()).isEqualTo(1);
            }
            assertThat(texts(look(one, GROUP)))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 64).mapToObj(i -> "e" + i).toList())
                    .isEqualTo(texts(look(other, GROUP)));
        }
    }

    /** What docs/history.md says of bots that have a database. */
    @Test
    void a_bot_loads_from_its_database_what_nobody_has_and_clearing_refuses_it() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis)) {
            String question = ANN + "?lease_ms=30000";
            JsonNode mine = look(one, question);
            assertThat(mine.path("loaded").asBoolean()).isFalse();
            assertThat(look(other, question).path("fence").isNull()).isTrue();
            append(other, ANN, said("b"));
            String body = "{\"fence\":\"" + mine.path("fence").asString() + "\",\"entries\":[" + said("a") + ","
                    + said("b") + "]}";
            assertThat(json(send(one, "PUT", ANN, body)).path("filled").asBoolean())
                    .isTrue();
            assertThat(json(send(one, "PUT", ANN, body)).path("filled").asBoolean())
                    .isFalse();
            assertThat(texts(look(other, question))).containsExactly("a", "b");
            assertThat(look(other, question).path("loaded").asBoolean()).isTrue();
            assertThat(look(other, ANN).path("loaded").isNull()).isTrue();
            send(one, "DELETE", ANN, "");
            String fence = look(other, question).path("fence").asString();
            send(one, "DELETE", ANN, "");
            assertThat(json(send(other, "PUT", ANN, "{\"fence\":\"" + fence + "\",\"entries\":[]}"))
                            .path("filled")
                            .asBoolean())
                    .isFalse();
        }
    }

    @Test
    void while_redis_is_frozen_appends_are_taken_and_told_of_and_there_when_it_is_back() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis, "REDIS_TIMEOUT", "300ms");
                var other = server(redis)) {
            await().atMost(BOUND)
                    .until(() -> append(one, ANN, said("a")).path("shared").asBoolean());
            redis.freeze();
            try {
                JsonNode waits = append(one, ANN, said("b"));
                assertThat(waits.path("added").asInt()).isEqualTo(1);
                assertThat(waits.path("shared").asBoolean()).isFalse();
                JsonNode seen = look(one, ANN);
                assertThat(texts(seen)).containsExactly("b");
                assertThat(seen.path("complete").asBoolean()).isFalse();
                assertThat(send(one, "DELETE", GROUP, "").statusCode()).isEqualTo(503);
                await().atMost(BOUND)
                        .until(() ->
                                part(one, "history").path("status").asString().equals("degraded"));
                assertThat(part(one, "history").path("chats_waiting").asInt()).isEqualTo(1);
            } finally {
                redis.thaw();
            }
            await().atMost(BOUND)
                    .until(() -> part(one, "history").path("chats_waiting").asInt() == 0);
            await().atMost(BOUND).until(() -> texts(look(other, ANN)).equals(List.of("a", "b")));
        }
    }

    @Test
    void what_is_no_request_is_refused_shows_nothing_of_it_and_changes_nothing() throws Exception {
        try (var server = server(Map.of())) {
            for (String entry : new String[] {
                "{\"role\":\"secret\",\"text\":\"a\"}",
                "{\"role\":\"user\"}",
                "{\"text\":\"secret\"}",
                "{\"role\":\"user\",\"text\":1}",
                "{\"role\":\"user\",\"text\":\"a\",\"id\":\"\"}",
                "{\"role\":\"user\",\"text\":\"a\",\"id\":\"" + "secret".repeat(30) + "\"}",
                "{\"role\":\"user\",\"text\":\"a\",\"date\":-1}",
                "{\"role\":\"user\",\"text\":\"a\",\"user\":43}",
                "{\"role\":\"user\",\"text\":\"a\",\"tokens\":-1}",
                "{\"role\":\"user\",\"text\":\"a\",\"secret\":1}",
                ""
            }) {
                var answer = send(server, "POST", ANN, "{\"entries\":[" + said("fine") + "," + entry + "]}");
                assertThat(answer.statusCode()).as(entry).isEqualTo(400);
                assertThat(answer.body()).doesNotContain("secretsecret").doesNotContain("fine");
            }
            assertThat(send(server, "POST", ANN, "{\"entries\":[" + said("x".repeat(70_000)) + "]}")
                            .statusCode())
                    .isEqualTo(413);
            assertThat(send(server, "PUT", ANN, "{\"entries\":[]}").statusCode())
                    .isEqualTo(400);
            assertThat(send(server, "POST", ANN, "{\"entries\":[]}").statusCode())
                    .isEqualTo(400);
            for (String path : new String[] {
                "/v1/history/77/0",
                "/v1/history/0/1",
                "/v1/history/77/x",
                ANN + "?limit=0",
                ANN + "?lease_ms=99",
                ANN + "?max_tokens=x"
            }) {
                assertThat(send(server, "GET", path, "").statusCode()).as(path).isEqualTo(400);
            }
            assertThat(look(server, ANN).path("version").asLong()).isZero();
        }
    }

    @Test
    void turned_off_nothing_is_kept() throws Exception {
        try (var server = server(Map.of("SLUICE_HISTORY", "off"))) {
            assertThat(append(server, ANN, said("a")).path("added").asInt()).isZero();
            assertThat(look(server, ANN).path("entries").isEmpty()).isTrue();
            assertThat(part(server, "history").path("status").asString()).isEqualTo("off");
        }
    }
}
