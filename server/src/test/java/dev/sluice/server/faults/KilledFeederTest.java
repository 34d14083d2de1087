package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whoever feeds and sends a broadcast is killed in the midst of it. */
class KilledFeederTest {
    private static final long BOT = 7_000_000_002L;
    private static final int RECIPIENTS = 900;
    private static final Duration BOUND = Duration.ofSeconds(120);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    @Test
    @Timeout(240)
    void a_broadcast_whose_process_is_killed_goes_on_and_nobody_is_left_out_or_sent_to_twice() throws Exception {
        try (var telegram = Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
                var redis = RedisFixture.start();
                var first = GatewayProcess.launch(folder, environment(telegram, redis));
                var second = GatewayProcess.launch(folder, environment(telegram, redis))) {
            URI url = first.awaitReady().url();
            URI other = second.awaitReady().url();
            post(
                    url.resolve("/v1/bots"),
                    "application/json",
                    "{\"token\":\"" + BOT + ":AAE-any-token-of-this-form-will-do_\"}");
            String id = post(
                            url.resolve("/v1/bots/" + BOT + "/broadcasts"),
                            "application/x-ndjson",
                            IntStream.rangeClosed(1, RECIPIENTS)
                                    .mapToObj(Integer::toString)
                                    .collect(Collectors.joining(
                                            "\n",
                                            "{\"method\":\"sendMessage\",\"params\":{\"text\":\"to all\"}}\n",
                                            "")))
                    .path("id")
                    .asString();
            await().atMost(BOUND).until(() -> telegram.ledger().received(BOT).size() > RECIPIENTS / 4);

            first.kill();

            await().atMost(BOUND).until(() -> get(other, id).path("ended").isString());
            JsonNode shown = get(other, id);
            var received = telegram.ledger().received(BOT);
            assertThat(received).extracting(LedgerEntry::chat).doesNotHaveDuplicates();
            assertThat(shown.path("status").asString()).isEqualTo("done");
            assertThat(shown.path("sent").asInt() + shown.path("unknown").asInt())
                    .isEqualTo(RECIPIENTS);
            assertThat(received).hasSizeBetween(shown.path("sent").asInt(), RECIPIENTS);
            assertThat(shown.path("unknown").asInt()).as("in flight at most").isLessThanOrEqualTo(100);
        }
    }

    private static Map<String, String> environment(Simulator telegram, RedisProcess redis) {
        return Map.of(
                "REDIS_URL", redis.uri(),
                "REDIS_TIMEOUT", "2s",
                "TELEGRAM_API_URL", telegram.url().toString(),
                "SLUICE_PORT", "0",
                "RATE_LIMIT_GLOBAL_CAPACITY", "200",
                "RATE_LIMIT_GLOBAL_REFILL_RATE", "200");
    }

    private static JsonNode get(URI url, String id) throws Exception {
        var request =
                HttpRequest.newBuilder(url.resolve("/v1/broadcasts/" + id)).build();
        return JsonMapper.shared()
                .readTree(CLIENT.send(request, BodyHandlers.ofString()).body());
    }

    private static JsonNode post(URI url, String type, String body) throws Exception {
        var request = HttpRequest.newBuilder(url)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build();
        var answer = CLIENT.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JsonMapper.shared().readTree(answer.body());
    }
}
