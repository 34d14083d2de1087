package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.ChatState;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Broadcasts through whole servers, on both stores, to a simulated Telegram. */
class BroadcastsOnServerTest {
    private static final long BOT = 123456789;
    private static final String TOKEN = BOT + ":AAE-any-token-of-this-form-will-do_";
    private static final String TEMPLATE = "{\"method\":\"sendMessage\",\"params\":{\"text\":\"to all\"}}\n";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private static Simulator telegram;
    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        telegram = Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
        redis = RedisFixture.start();
    }

    @AfterAll
    static void stop() {
        telegram.close();
        redis.close();
    }

    private ServerSettings settings(boolean onRedis) {
        var environment = new HashMap<>(Map.of(
                "SLUICE_PORT",
                "0",
                "TELEGRAM_API_URL",
                telegram.url().toString(),
                "REDIS_TIMEOUT",
                "2s",
                "RATE_LIMIT_GLOBAL_CAPACITY",
                "1000",
                "RATE_LIMIT_GLOBAL_REFILL_RATE",
                "1000"));
        if (onRedis) {
            environment.put("REDIS_URL", redis.uri());
        }
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load();
    }

    private static JsonNode post(URI url, String type, String body) throws Exception {
        var request = HttpRequest.newBuilder(url)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build();
        return JsonMapper.shared()
                .readTree(CLIENT.send(request, BodyHandlers.ofString()).body());
    }

    private static JsonNode get(SluiceServer server, String path) throws Exception {
        var request = HttpRequest.newBuilder(server.adminUrl().resolve(path)).build();
        return JsonMapper.shared()
                .readTree(CLIENT.send(request, BodyHandlers.ofString()).body());
    }

    private static void register(SluiceServer server) throws Exception {
        post(server.adminUrl().resolve("/v1/bots"), "application/json", "{\"token\":\"" + TOKEN + "\"}");
    }

    private static String start(SluiceServer server, String recipients) throws Exception {
        return post(
                        server.adminUrl().resolve("/v1/bots/" + BOT + "/broadcasts"),
                        "application/x-ndjson",
                        TEMPLATE + recipients)
                .path("id")
                .asString();
    }

    private static JsonNode ended(SluiceServer server, String id) {
        await().atMost(BOUND)
                .until(() -> !get(server, "/v1/broadcasts/" + id).path("ended").isNull());
        return await().until(() -> get(server, "/v1/broadcasts/" + id), shown -> shown.has("ended"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everybody_is_sent_to_once_and_who_has_blocked_the_bot_is_suppressed_and_later_skipped(boolean onRedis)
            throws Exception {
        telegram.ledger().clear();
        telegram.setChat(17, new ChatState.Blocked());
        telegram.setChat(18, new ChatState.Deactivated());
        telegram.setChat(19, new ChatState.NotFound());
        String many = String.join(
                "\n", IntStream.rangeClosed(1, 700).mapToObj(Integer::toString).toList());
        try (var server = SluiceServer.start(settings(onRedis), "1.2.3")) {
            register(server);

            var shown = ended(server, start(server, many + "\n{\"chat_id\":701,\"text\":\"to Ann\"}"));

            assertThat(shown.path("status").asString()).isEqualTo("done");
            assertThat(shown.path("sent").asInt()).isEqualTo(698);
            assertThat(shown.path("suppressed").asInt()).isEqualTo(3);
            assertThat(shown.path("skipped").asInt()).isZero();
            assertThat(telegram.ledger().received(BOT)).hasSize(698);
            assertThat(telegram.ledger().received(BOT))
                    .extracting(LedgerEntry::chat)
                    .doesNotHaveDuplicates();
            assertThat(telegram.ledger().received(BOT, 1))
                    .extracting(LedgerEntry::text)
                    .containsExactly("to all");
            assertThat(telegram.ledger().received(BOT, 701))
                    .extracting(LedgerEntry::text)
                    .containsExactly("to Ann");
            assertThat(get(server, "/v1/queue/" + BOT).path("dead").asInt()).isZero();

            var second = ended(server, start(server, "16\n17\n18\n19\n20"));
            assertThat(second.path("sent").asInt()).isEqualTo(2);
            assertThat(second.path("skipped").asInt()).isEqualTo(3);
        }
    }

    @Test
    void what_one_process_began_another_ends() throws Exception {
        telegram.ledger().clear();
        String many = String.join(
                "\n",
                IntStream.rangeClosed(2001, 3000).mapToObj(Integer::toString).toList());
        try (var other = SluiceServer.start(settings(true), "1.2.3")) {
            String id;
            try (var first = SluiceServer.start(settings(true), "1.2.3")) {
                register(first);
                id = start(first, many);
            }

            var shown = ended(other, id);

            assertThat(shown.path("sent").asInt()).isEqualTo(1000);
            assertThat(telegram.ledger().received(BOT))
                    .extracting(LedgerEntry::chat)
                    .doesNotHaveDuplicates()
                    .hasSize(1000);
        }
    }
}
