package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.assembly.Role;
import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queues taken out of a server and put into another one that has lost them, from the command line. */
class QueueSnapshotCommandTest {
    private static final long BOT = 123456789;
    private static final String TOKEN = BOT + ":AAE-any-token-of-this-form-will-do_";
    /** That both servers have: 32 bytes in hex, since to stretch a passphrase takes each server a second. */
    private static final String KEY = "5e".repeat(32);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private final Simulator telegram =
            Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));

    @AfterEach
    void stop() {
        telegram.close();
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true"})
    void what_one_store_lost_another_sends_once_and_in_order(boolean fromRedis, boolean toRedis) throws Exception {
        Path file = directory.resolve("queues.ndjson");
        var texts = new ArrayList<String>();
        try (var server = SluiceServer.start(settings("first", fromRedis, KEY), Role.GATEWAY, "1.2.3")) {
            for (int i = 0; i < 12; i++) {
                texts.add("text " + i);
                assertThat(queue(server.url(), 42 + i % 2, "text " + i).statusCode())
                        .isEqualTo(202);
            }
            var url = Map.of("SLUICE_URL", server.adminUrl().toString());
            assertThat(Program.process(directory, url, "", "queue", "export", "--to", file.toString()))
                    .isEqualTo(new Ran(0, "exported 1 queue\n"));
        }
        assertThat(Files.readString(file))
                .doesNotContain("text 1", "AAE-any-token")
                .contains("\"end\":" + BOT);
        try (var server = SluiceServer.start(settings("second", toRedis, KEY), "1.2.3")) {
            assertThat(run(server, "queue", "import", file.toString())).satisfies(ran -> {
                assertThat(ran.code()).isZero();
                assertThat(ran.output()).containsPattern("(?m)^12 +0 +0 +0 +0 +0$");
            });
            await().atMost(Duration.ofSeconds(60)).until(() -> sent().size() == 12);
            assertThat(run(server, "queue", "import", file.toString()).output())
                    .containsPattern("(?m)^0 +12 +0 +0 +0 +0$");
            assertThat(queue(server.url(), 42, "last").statusCode()).isEqualTo(202);
            await().atMost(Duration.ofSeconds(60)).until(() -> sent().contains("last"));
        }
        assertThat(sent()).hasSize(13);
        for (int chat = 0; chat < 2; chat++) {
            int remainder = chat;
            assertThat(sent())
                    .containsSubsequence(texts.stream()
                            .filter(text -> Integer.parseInt(text.substring(5)) % 2 == remainder)
                            .toList());
        }
    }

    @Test
    void what_is_no_export_is_refused_with_its_line_and_what_stands_before_it_stays() throws Exception {
        Path file = directory.resolve("queues.ndjson");
        try (var server = SluiceServer.start(settings("first", false, KEY), Role.GATEWAY, "1.2.3")) {
            for (int i = 0; i < 3; i++) {
                queue(server.url(), 42, "text " + i);
            }
            run(server, "queue", "export", "--to", file.toString(), Long.toString(BOT));
        }
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(5);
        try (var server = SluiceServer.start(settings("second", false, KEY), Role.GATEWAY, "1.2.3")) {
            refused(server, List.of(lines.get(1)), "line 1", "head");
            refused(server, List.of(lines.get(0), "garbage"), "line 2", "not JSON");
            refused(server, List.of(lines.get(0), "{\"a\":1}"), "line 2", "neither");
            refused(server, List.of(lines.get(0), lines.get(1).replace("lane", "line")), "line 2", "member");
            refused(server, List.of(lines.get(0), lines.get(1).replace("\"rank\":2", "\"rank\":7")), "line 2", "rank");
            refused(server, List.of(lines.get(0), lines.get(1).substring(0, 90)), "line 2", "not JSON");
            refused(server, List.of(lines.get(0).replace(":1,", ":2,")), "line 1", "version");
            refused(server, List.of(lines.get(0).replaceFirst("20\\d\\d-", "2001-")), "line 1", "older");
            assertThat(stats(server)).contains("\"accepted\":0");

            refused(server, List.of(lines.get(0), lines.get(1), lines.get(2), "garbage", lines.get(3)), "line 4");
            assertThat(stats(server)).contains("\"accepted\":2");

            Files.write(file, lines.subList(0, 4));
            var early = run(server, "queue", "import", file.toString());
            assertThat(early.code()).isEqualTo(1);
            assertThat(early.output()).contains("ends early").containsPattern("(?m)^1 +2 +0 ");
        }
        try (var server =
                SluiceServer.start(settings("third", false, "a-key-of-somebody-else"), Role.GATEWAY, "1.2.3")) {
            refused(server, lines, "line 2", "SLUICE_SECRET_KEY");
            assertThat(stats(server)).contains("\"accepted\":0");
        }
    }

    private void refused(SluiceServer server, List<String> lines, String... words) throws Exception {
        Path file = directory.resolve("wrong.ndjson");
        Files.write(file, lines);
        var request = HttpRequest.newBuilder(server.adminUrl().resolve("/v1/queue/import"))
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofFile(file))
                .build();
        var answer = CLIENT.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 409);
        assertThat(answer.body()).contains(words);
    }

    private static String stats(SluiceServer server) throws Exception {
        var request = HttpRequest.newBuilder(server.adminUrl().resolve("/v1/queue/" + BOT))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString()).body();
    }

    private List<String> sent() {
        return telegram.ledger().received(BOT).stream().map(LedgerEntry::text).toList();
    }

    private static HttpResponse<String> queue(URI url, long chat, String text) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + "/bot" + TOKEN + "/sendMessage"))
                .header("Content-Type", "application/json")
                .header("Prefer", "respond-async")
                .POST(BodyPublishers.ofString("{\"chat_id\":" + chat + ",\"text\":\"" + text + "\"}"))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static Ran run(SluiceServer server, String... arguments) {
        return Program.here(Map.of("SLUICE_URL", server.adminUrl().toString()), "", arguments);
    }

    private ServerSettings settings(String store, boolean redis, String key) {
        var environment = new HashMap<String, String>();
        environment.put("SLUICE_PORT", "0");
        environment.put("REDIS_TIMEOUT", "5");
        environment.put("SLUICE_SECRET_KEY", key);
        environment.put("SLUICE_DATA_DIR", directory.resolve(store).toString());
        environment.put("TELEGRAM_API_URL", telegram.url().toString());
        environment.put("RATE_LIMIT_CHAT_CAPACITY", "50");
        environment.put("RATE_LIMIT_CHAT_REFILL_RATE", "50");
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), redis, Set.of()).load();
    }
}
