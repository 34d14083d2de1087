package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SluiceServerTest {
    private static final String TOKEN = "123456789:AAE-any-token-of-this-form-will-do_";
    private static final String ADMIN_TOKEN = "an-admin-token-for-tests";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static Simulator telegram;

    @BeforeAll
    static void startTelegram() {
        telegram = Simulator.start(SimulatorSettings.defaults());
    }

    @AfterAll
    static void stopTelegram() {
        telegram.close();
    }

    @Test
    void health_lists_every_part_with_its_backend_and_what_is_off() throws Exception {
        try (var server = start(Map.of())) {
            var health = json(get(server.adminUrl() + "/health"));

            assertThat(health.path("status").asString()).isEqualTo("ok");
            assertThat(health.path("version").asString()).isEqualTo("1.2.3");
            assertThat(health.path("parts")
                            .valueStream()
                            .map(part -> part.path("name").asString() + " "
                                    + part.path("status").asString() + " "
                                    + part.path("backend").asString()))
                    .containsExactly(
                            "store ok memory",
                            "telegram ok bot-api",
                            "gateway ok http",
                            "queue ok memory",
                            "budgets ok memory",
                            "named_limits ok memory",
                            "cache ok memory",
                            "bundles ok memory",
                            "history ok memory",
                            "locks ok memory",
                            "jobs ok memory",
                            "fsm ok memory",
                            "sessions ok memory",
                            "callbacks off none",
                            "inbound off none",
                            "database off none");
            assertThat(health.path("parts").path(0).path("survives_restart").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void probes_need_no_token_and_the_rest_does() throws Exception {
        try (var server = start(Map.of("SLUICE_ADMIN_TOKEN", ADMIN_TOKEN))) {
            assertThat(get(server.adminUrl() + "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(server.adminUrl() + "/health/ready").body()).isEqualTo("{\"status\":\"ready\"}\n");

            var refused = get(server.adminUrl() + "/health");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"sluice\"");
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(get(server.adminUrl() + "/metrics").statusCode()).isEqualTo(401);

            assertThat(get(server.adminUrl() + "/metrics", "Authorization", "Bearer " + ADMIN_TOKEN)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void metrics_count_what_happened_under_the_sources_names_and_show_no_id() throws Exception {
        try (var server = start(Map.of("TELEGRAM_RATE_LIMIT_WAIT", "0", "RATE_LIMIT_CHAT_REFILL_RATE", "0.01"))) {
            assertThat(send(server, 471147114711L).statusCode()).isEqualTo(200);
            // Another text: the same one may still meet its twin, whose answer was read before it was signed off.
            assertThat(get(server.url() + "/bot" + TOKEN + "/sendMessage?chat_id=471147114711&text=other")
                            .statusCode())
                    .isEqualTo(429);
            assertThat(get(server.url() + "/bot" + TOKEN + "/sendMessage?chat_id=999000500&text=x")
                            .statusCode())
                    .isNotEqualTo(200);

            // An answer may be read before what followed it is counted.
            var counts = await().atMost(Duration.ofSeconds(10))
                    .until(
                            () -> json(get(server.adminUrl() + "/metrics", "Accept", "application/json")),
                            seen -> seen.path("telegram_5xx_count").asInt() == 1
                                    && seen.path("in_flight").asInt() == 0);
            assertThat(counts.path("telegram_rate_limited_drops").asInt()).isEqualTo(1);
            assertThat(counts.path("telegram_5xx_count").asInt()).isEqualTo(1);
            assertThat(counts.path("telegram_429_count").asInt()).isZero();
            assertThat(counts.path("outcomes").path("sent").asInt()).isEqualTo(1);
            assertThat(counts.path("decisions").path("chat").path("limit").asInt())
                    .isEqualTo(1);
            assertThat(counts.path("decisions").path("bot").path("allowed").asInt())
                    .isEqualTo(2);
            assertThat(json(get(server.adminUrl() + "/metrics?format=json"))
                            .path("in_flight")
                            .asInt())
                    .isZero();

            var text = get(server.adminUrl() + "/metrics");
            assertThat(text.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain; version=0.0.4");
            assertThat(text.body())
                    .contains("telegram_rate_limited_drops_total 1.0")
                    .contains("telegram_5xx_total 1.0")
                    .contains("sluice_decisions_total{scope=\"chat\",verdict=\"limit\"} 1.0")
                    .contains("sluice_outcomes_total{outcome=\"sent\"} 1.0")
                    .contains(
                            "sluice_stage_seconds_bucket{stage=\"decide\"",
                            "stage=\"wait\"",
                            "stage=\"upstream\"",
                            "stage=\"settle\"")
                    .contains("sluice_limit_utilisation_count{scope=\"chat\"} 2")
                    .contains("sluice_in_flight 0.0")
                    .doesNotContain("471147114711", "123456789", "AAE-any");
        }
    }

    @Test
    void a_replayed_key_counts_as_a_hit_and_a_prevented_duplicate() throws Exception {
        try (var server = start(Map.of())) {
            var uri = server.url() + "/bot" + TOKEN + "/sendMessage?chat_id=5&text=once";
            assertThat(get(uri, "Idempotency-Key", "order-17").statusCode()).isEqualTo(200);
            assertThat(get(uri, "Idempotency-Key", "order-17").statusCode()).isEqualTo(200);

            var counts = json(get(server.adminUrl() + "/metrics?format=json"));
            assertThat(counts.path("duplicates_prevented").asInt()).isEqualTo(1);
            assertThat(counts.path("idempotency_hits").asInt()).isEqualTo(1);
            assertThat(counts.path("idempotency_misses").asInt()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"GET,/health/nothing,404", "POST,/health,405", "DELETE,/metrics,405", "HEAD,/health/live,200"})
    void what_the_admin_port_does_not_offer_is_a_clear_error(String method, String path, int status) throws Exception {
        try (var server = start(Map.of("SLUICE_ADMIN_PORT", "0"))) {
            assertThat(server.adminUrl()).isNotEqualTo(server.url());

            var request = HttpRequest.newBuilder(URI.create(server.adminUrl() + path))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .timeout(Duration.ofSeconds(10))
                    .build();

            assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(status);
        }
    }

    @Test
    void on_a_port_of_its_own_the_admin_api_is_not_at_the_gateway() throws Exception {
        try (var server = start(Map.of("SLUICE_ADMIN_PORT", "0"))) {
            assertThat(get(server.url() + "/health").statusCode()).isEqualTo(404);
            assertThat(get(server.adminUrl() + "/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void only_listed_bots_are_served() throws Exception {
        try (var server = start(Map.of("SLUICE_BOTS", "42"))) {
            assertThat(send(server, 1).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void where_others_can_reach_it_registered_bots_are_served_and_no_others() throws Exception {
        try (var server = start(Map.of("SLUICE_HOST", "0.0.0.0", "SLUICE_ADMIN_TOKEN", ADMIN_TOKEN))) {
            assertThat(send(server, 1).statusCode()).isEqualTo(401);

            assertThat(register(server).statusCode()).isEqualTo(201);

            assertThat(send(server, 1).statusCode()).isEqualTo(200);
            assertThat(get(server.url() + "/bot" + TOKEN.replace("123456789", "987654321") + "/getMe")
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void on_a_loopback_address_a_registration_shuts_nobody_out() throws Exception {
        try (var server = start(Map.of())) {
            register(server);

            assertThat(get(server.url() + "/bot" + TOKEN.replace("123456789", "987654321") + "/getMe")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void rules_of_a_registered_bot_hold_at_once_at_the_gateway() throws Exception {
        try (var server = start(Map.of())) {
            var message = server.url() + "/bot" + TOKEN + "/sendMessage?chat_id=4242&text=x";
            register(server);
            assertThat(get(message, "X-Sluice-Skip-Limits", "true").statusCode())
                    .isEqualTo(400);

            var change = HttpRequest.newBuilder(URI.create(server.adminUrl() + "/v1/bots/123456789"))
                    .header("Content-Type", "application/json")
                    .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"rules\":{\"skip_limits\":true}}"))
                    .build();
            assertThat(CLIENT.send(change, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);

            assertThat(get(message, "X-Sluice-Skip-Limits", "true").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_taken_port_is_named_with_the_setting_to_change() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var port = Integer.toString(taken.getLocalPort());

            assertThatThrownBy(() -> start(Map.of("SLUICE_PORT", port)))
                    .isInstanceOf(StartException.class)
                    .hasMessage("port " + port
                            + " of 127.0.0.1 is taken: stop what listens there, or set SLUICE_PORT (or --port)"
                            + " to another port");
        }
    }

    @Test
    void an_address_of_another_machine_is_a_clear_error() {
        assertThatThrownBy(() -> start(Map.of("SLUICE_HOST", "192.0.2.1", "SLUICE_OPEN", "true")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("SLUICE_HOST");
    }

    @Test
    void stopping_withdraws_who_waits_and_tells_when_to_come_again() throws Exception {
        var server = start(Map.of("TELEGRAM_RATE_LIMIT_WAIT", "600", "RATE_LIMIT_CHAT_REFILL_RATE", "0.001"));
        CompletableFuture<HttpResponse<String>> waiting;
        try {
            assertThat(send(server, 77).statusCode()).isEqualTo(200);
            waiting = CLIENT.sendAsync(message(server, 77), BodyHandlers.ofString());
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> json(get(server.adminUrl() + "/metrics?format=json"))
                                    .path("decisions")
                                    .path("chat")
                                    .path("limit")
                                    .asInt()
                            >= 1);
        } finally {
            server.close();
        }

        var answer = waiting.get(10, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(json(answer).path("parameters").path("retry_after").asInt()).isEqualTo(1);
        assertThat(telegram.ledger().received(123456789, 77)).hasSize(1);
    }

    private static ServerSettings settings(Map<String, String> environment) {
        var all = new HashMap<>(
                Map.of("SLUICE_PORT", "0", "TELEGRAM_API_URL", telegram.url().toString()));
        all.putAll(environment);
        return new SettingsLoader(directory, all, Map.of(), Optional.empty(), false, Set.of()).load();
    }

    private static SluiceServer start(Map<String, String> environment) {
        return SluiceServer.start(settings(environment), "1.2.3");
    }

    private static HttpResponse<String> register(SluiceServer server) throws Exception {
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.adminUrl().getPort() + "/v1/bots"))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + ADMIN_TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString("{\"token\":\"" + TOKEN + "\"}"))
                .timeout(Duration.ofSeconds(10))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpRequest message(SluiceServer server, long chat) {
        return HttpRequest.newBuilder(
                        URI.create(server.url() + "/bot" + TOKEN + "/sendMessage?chat_id=" + chat + "&text=x"))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    private static HttpResponse<String> send(SluiceServer server, long chat) throws Exception {
        return CLIENT.send(message(server, chat), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String uri, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
