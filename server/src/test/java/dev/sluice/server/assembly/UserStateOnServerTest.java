package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.state.JsonValue;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Conversations and sessions through whole servers, as a bot in another language keeps them. */
@Timeout(120)
class UserStateOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String ANN = "/v1/fsm/77/-100123/42";
    private static final String SESSION = "/v1/sessions/77/42";

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static JsonNode patch(SluiceServer server, String path, String body) throws Exception {
        return json(send(server, "PATCH", path, body));
    }

    private static JsonNode look(SluiceServer server, String path) throws Exception {
        return json(send(server, "GET", path, ""));
    }

    private static JsonNode data(String json) {
        return JsonMapper.shared().readTree(json);
    }

    @Test
    void what_one_replica_writes_the_other_reads_and_across_a_restart_of_redis() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var one = server(redis);
                var other = server(redis)) {
            JsonNode first =
                    patch(one, ANN, "{\"state\":\"Order:paying\",\"data\":{\"nick\":\"Annabel\",\"sum\":1.5}}");
            assertThat(first.path("changed").asBoolean()).isTrue();
            assertThat(first.path("state").isNull()).isTrue();
            patch(other, ANN, "{\"data\":{\"items\":[1,{\"a\":null}]},\"remove\":[\"sum\"]}");
            patch(one, SESSION, "{\"actions\":[\"/start\"],\"history\":[{\"in\":\"Annabel\"}]}");
            redis.restart();
            await().atMost(BOUND).until(() -> send(other, "GET", ANN, "").statusCode() == 200);
            await().atMost(BOUND).until(() -> send(one, "GET", ANN, "").statusCode() == 200);

            JsonNode seen = look(one, ANN);
            assertThat(seen.path("state").asString()).isEqualTo("Order:paying");
            assertThat(seen.path("data")).isEqualTo(data("{\"nick\":\"Annabel\",\"items\":[1,{\"a\":null}]}"));
            assertThat(look(other, SESSION).at("/history/0/value/in").asString())
                    .isEqualTo("Annabel");
            assertThat(redis.tell("EXISTS sluice:fsm:{42}:77:-100123:0:default"))
                    .isEqualTo(":1");
            assertThat(redis.tell("EXISTS sluice:session:{42}:77")).isEqualTo(":1");
            assertThat(part(one, "fsm").path("survives_restart").asBoolean()).isTrue();
            assertThat(get(one, "/metrics"))
                    .contains("sluice_fsm_reads_total{answer=\"hit\"}")
                    .contains("sluice_fsm_writes_total{answer=\"changed\"}")
                    .contains("sluice_sessions_writes_total{answer=\"changed\"}");
        }
    }

    /** What the storage of a bot framework does, request by request, as docs/state.md has it. */
    @Test
    void a_storage_adapter_finds_all_that_it_needs() throws Exception {
        try (var server = server(Map.of("REDIS_TTL_FSM", "2h"))) {
            String other = ANN + "?thread=5&destiny=aiogd%3Astack%3A";
            patch(server, ANN, "{\"state\":\"Form:name\"}");
            patch(server, ANN, "{\"data\":{\"a\":1,\"b\":2},\"replace\":true}");
            patch(server, ANN, "{\"data\":{\"b\":3,\"c\":\"\\u00e9\"}}");
            patch(server, other, "{\"data\":{\"other\":true}}");
            assertThat(look(server, ANN).path("state").asString()).isEqualTo("Form:name");
            assertThat(look(server, ANN).path("data")).isEqualTo(data("{\"a\":1,\"b\":3,\"c\":\"é\"}"));
            assertThat(look(server, other).path("data")).isEqualTo(data("{\"other\":true}"));
            patch(server, ANN, "{\"data\":{},\"replace\":true}");
            assertThat(patch(server, ANN, "{\"state\":null,\"remove\":[\"a\",\"a\"]}")
                            .path("changed")
                            .asBoolean())
                    .as("said twice")
                    .isTrue();
            JsonNode cleared = look(server, ANN);
            assertThat(cleared.path("state").isNull()).isTrue();
            assertThat(cleared.path("data").isEmpty()).isTrue();
            assertThat(json(send(server, "DELETE", other, "")).path("changed").asBoolean())
                    .isTrue();
            assertThat(look(server, other).path("data").isEmpty()).isTrue();
        }
    }

    @Test
    void a_write_goes_by_state_version_and_fence() throws Exception {
        try (var server = server(Map.of())) {
            long version = patch(server, ANN, "{\"state\":\"a\",\"expected_state\":null,\"expected_version\":0}")
                    .path("version")
                    .asLong();
            JsonNode late = patch(server, ANN, "{\"state\":\"c\",\"expected_state\":\"b\"}");
            assertThat(late.path("changed").asBoolean()).isFalse();
            assertThat(late.path("state").asString()).isEqualTo("a");
            assertThat(late.path("version").asLong()).isEqualTo(version);
            assertThat(patch(server, ANN, "{\"state\":\"b\",\"expected_version\":" + version + ",\"fence\":10}")
                            .path("changed")
                            .asBoolean())
                    .isTrue();
            var overtaken = send(server, "PATCH", ANN, "{\"state\":\"late\",\"fence\":9}");
            assertThat(overtaken.statusCode()).isEqualTo(409);
            assertThat(overtaken.body()).contains("urn:sluice:problem:fence-overtaken");
            assertThat(send(server, "DELETE", ANN, "{\"fence\":9}").statusCode())
                    .isEqualTo(409);
            assertThat(json(send(server, "DELETE", ANN, "{\"expected_state\":\"a\"}"))
                            .path("changed")
                            .asBoolean())
                    .isFalse();
            assertThat(look(server, ANN).path("state").asString()).isEqualTo("b");
        }
    }

    @Test
    void of_64_merges_of_one_conversation_on_two_replicas_none_is_lost() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JsonNode>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                String body = "{\"data\":{\"f" + i + "\":" + i + "}}";
                all.add(threads.submit(() -> patch(server, ANN, body)));
            }
            for (Future<JsonNode> write : all) {
                assertThat(write.get().path("changed").asBoolean()).isTrue();
            }
            assertThat(look(one, ANN).path("data").size()).isEqualTo(64);
        }
    }

    @Test
    void a_session_keeps_the_newest_and_settings_for_their_time() throws Exception {
        try (var server = server(Map.of())) {
            for (int i = 1; i <= 60; i++) {
                patch(server, SESSION, "{\"actions\":[" + i + "],\"history\":[" + i + "]}");
            }
            patch(server, SESSION, "{\"settings\":{\"lang\":\"ru\"}}");
            patch(server, SESSION, "{\"settings\":{\"draft\":{\"t\":1}},\"ttl_ms\":3600000}");
            JsonNode seen = look(server, SESSION);
            assertThat(seen.path("history").size()).isEqualTo(50);
            assertThat(seen.at("/history/49/value").asInt()).isEqualTo(60);
            assertThat(seen.at("/actions/0/value").asInt()).isEqualTo(41);
            assertThat(seen.at("/settings/lang")).isEqualTo(data("{\"value\":\"ru\",\"ends\":null}"));
            assertThat(Instant.parse(seen.at("/settings/draft/ends").asString()))
                    .isAfter(Instant.parse(seen.at("/history/49/at").asString()));
            assertThat(patch(server, SESSION, "{\"remove\":[\"lang\"],\"expected_version\":1}")
                            .path("changed")
                            .asBoolean())
                    .isFalse();
            patch(
                    server,
                    SESSION,
                    "{\"remove\":[\"lang\"],\"expected_version\":"
                            + seen.path("version").asLong() + "}");
            assertThat(look(server, SESSION).path("settings").propertyNames()).containsExactly("draft");
            json(send(server, "DELETE", SESSION, ""));
            assertThat(look(server, SESSION).path("history").isEmpty()).isTrue();
            assertThat(part(server, "sessions").path("survives_restart").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void what_is_no_request_is_refused_shows_nothing_of_it_and_changes_nothing() throws Exception {
        try (var server = server(Map.of())) {
            String deep = "[".repeat(JsonValue.DEEPEST + 1) + "]".repeat(JsonValue.DEEPEST + 1);
            for (String body : new String[] {
                "{\"state\":\"my secret\"}",
                "{\"data\":[]}",
                "{\"data\":{\"\":1}}",
                "{\"data\":{\"" + "secret".repeat(11) + "\":1}}",
                "{\"data\":{\"a\":" + deep + "}}",
                "{\"data\":{\"a\":1e400}}",
                "{\"remove\":[1]}",
                "{\"replace\":true}",
                "{\"fence\":0}",
                "{\"secret\":1}",
                "[]"
            }) {
                var answer = send(server, "PATCH", ANN, body);
                assertThat(answer.statusCode()).as(body).isEqualTo(400);
                assertThat(answer.body()).doesNotContain("secret");
            }
            for (String path : new String[] {
                "/v1/fsm/0/1/1",
                "/v1/fsm/77/x/1",
                ANN + "?thread=-1",
                ANN + "?destiny=" + "x".repeat(129),
                ANN + "?topic=1",
                ANN + "?chat=5"
            }) {
                assertThat(send(server, "GET", path, "").statusCode()).as(path).isEqualTo(400);
            }
            String half = "{\"data\":{\"%s\":\"" + "x".repeat(40_000) + "\"}}";
            patch(server, ANN, half.formatted("a"));
            var full = send(server, "PATCH", ANN, half.formatted("b"));
            assertThat(full.statusCode()).isEqualTo(422);
            assertThat(full.body()).contains("too-much-state", "65536 bytes").doesNotContain("xxx");
            assertThat(look(server, ANN).path("data").propertyNames()).containsExactly("a");
            String large = "{\"history\":[\"" + "x".repeat(11_000) + "\"]}";
            assertThat(send(server, "PATCH", SESSION, large).statusCode()).isEqualTo(400);
            assertThat(look(server, SESSION).path("version").asLong()).isZero();
        }
    }

    @Test
    void while_redis_is_frozen_callers_are_told_within_the_deadline() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(redis, "REDIS_TIMEOUT", "300ms")) {
            await().atMost(BOUND)
                    .until(() -> send(server, "PATCH", ANN, "{\"state\":\"a\"}").statusCode() == 200);
            redis.freeze();
            try {
                for (String path : new String[] {ANN, SESSION}) {
                    var answer = send(server, "GET", path, "");
                    assertThat(answer.statusCode()).isEqualTo(503);
                    assertThat(answer.body()).contains("store-unavailable");
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                }
                assertThat(send(server, "PATCH", ANN, "{\"state\":\"b\"}").statusCode())
                        .isEqualTo(503);
                await().atMost(BOUND)
                        .until(() ->
                                part(server, "fsm").path("status").asString().equals("degraded"));
            } finally {
                redis.thaw();
            }
            await().atMost(BOUND).until(() -> send(server, "GET", ANN, "").statusCode() == 200);
        }
    }
}
