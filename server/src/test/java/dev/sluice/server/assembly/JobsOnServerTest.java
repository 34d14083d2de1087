package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Jobs through whole servers, as a program in another language keeps them. */
@Timeout(120)
class JobsOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static JsonNode job(SluiceServer server, String id) throws Exception {
        return json(send(server, "GET", "/v1/jobs/" + id, ""));
    }

    @Test
    void a_job_is_seen_by_every_replica_and_survives_a_restart_of_redis() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var one = server(redis);
                var other = server(redis)) {
            JsonNode started =
                    json(send(one, "POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\",\"total\":3}"));
            String run = "{\"run\":" + started.path("run").asLong();
            var twice = send(other, "POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\"}");
            assertThat(twice.statusCode()).isEqualTo(409);
            assertThat(twice.body()).contains("urn:sluice:problem:job-running");
            assertThat(send(one, "PUT", "/v1/jobs/import-7", run + ",\"done\":1,\"add\":{\"users\":2}}")
                            .statusCode())
                    .isEqualTo(204);
            assertThat(send(other, "PUT", "/v1/jobs/import-7", run + ",\"add\":{\"users\":3}}")
                            .statusCode())
                    .isEqualTo(204);
            redis.restart();
            for (SluiceServer replica : List.of(one, other)) {
                await().atMost(BOUND)
                        .until(() ->
                                send(replica, "GET", "/v1/jobs/import-7", "").statusCode() == 200);
            }

            JsonNode seen = job(other, "import-7");
            assertThat(seen.path("state").asString()).isEqualTo("running");
            assertThat(seen.at("/counters/users").asLong()).isEqualTo(5);
            assertThat(seen.path("done").asLong()).isEqualTo(1);
            assertThat(seen.path("total").asLong()).isEqualTo(3);
            String end = run + ",\"state\":\"failed\",\"error\":\"TimeoutError\",\"message\":\"the panel\"}";
            assertThat(send(other, "POST", "/v1/jobs/import-7/end", end).statusCode())
                    .isEqualTo(204);
            assertThat(send(other, "POST", "/v1/jobs/import-7/end", end).statusCode())
                    .isEqualTo(204);
            assertThat(send(one, "PUT", "/v1/jobs/import-7", run + "}").body()).contains("urn:sluice:problem:job-lost");
            assertThat(job(one, "import-7").path("error").asString()).isEqualTo("TimeoutError");
            assertThat(get(one, "/metrics")).contains("sluice_jobs_started_total{job=\"import\"} 1.0");
            assertThat(get(other, "/metrics")).contains("sluice_jobs_ended_total{state=\"failed\"}");
        }
    }

    @Test
    void jobs_are_listed_by_name_and_state_page_by_page_and_the_silent_are_dead() throws Exception {
        try (var server = server(Map.of("REDIS_TTL_JOB", "1h"))) {
            var ids = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                ids.addFirst(json(send(server, "POST", "/v1/jobs", "{\"name\":\"import\",\"silence_ms\":1000}"))
                        .path("id")
                        .asString());
            }
            json(send(server, "POST", "/v1/jobs", "{\"name\":\"report\",\"silence_ms\":3600000}"));
            var listed = new ArrayList<String>();
            String cursor = "";
            do {
                JsonNode page = json(send(server, "GET", "/v1/jobs?limit=2&name=import" + cursor, ""));
                page.path("jobs").forEach(job -> listed.add(job.path("id").asString()));
                cursor = page.path("next_cursor").isNull()
                        ? ""
                        : "&cursor=" + page.path("next_cursor").asString();
            } while (!cursor.isEmpty());
            assertThat(listed).isEqualTo(ids);
            await().atMost(BOUND)
                    .until(() -> json(send(server, "GET", "/v1/jobs?state=dead", ""))
                                    .path("jobs")
                                    .size()
                            == 5);
        }
    }

    @Test
    void what_is_no_request_is_refused_and_changes_nothing() throws Exception {
        try (var server = server(Map.of())) {
            String run = "{\"run\":"
                    + json(send(server, "POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"a\"}"))
                            .path("run")
                            .asLong();
            for (String body : new String[] {
                "{}",
                "{\"name\":\"Import\"}",
                "{\"name\":\"import\",\"silence_ms\":1}",
                "{\"name\":\"import\",\"id\":\"a b\"}"
            }) {
                assertThat(send(server, "POST", "/v1/jobs", body).statusCode())
                        .as(body)
                        .isEqualTo(400);
            }
            for (String body : new String[] {
                run + ",\"state\":\"dead\"}",
                run + ",\"state\":\"failed\"}",
                run + ",\"state\":\"succeeded\",\"error\":\"E\"}",
                run + ",\"state\":\"cancelled\",\"message\":\"" + "x".repeat(201) + "\"}"
            }) {
                assertThat(send(server, "POST", "/v1/jobs/a/end", body).statusCode())
                        .as(body)
                        .isEqualTo(400);
            }
            send(server, "PUT", "/v1/jobs/a", run + ",\"add\":{\"c\":9007199254740991}}");
            assertThat(send(server, "PUT", "/v1/jobs/a", run + ",\"done\":4,\"add\":{\"c\":1}}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(job(server, "a").path("done").isNull()).isTrue();
            assertThat(job(server, "a").path("state").asString()).isEqualTo("running");
            assertThat(send(server, "GET", "/v1/jobs/b", "").body()).contains("urn:sluice:problem:job-unknown");
            assertThat(send(server, "GET", "/v1/jobs?state=gone", "").statusCode())
                    .isEqualTo(400);
        }
    }
}
