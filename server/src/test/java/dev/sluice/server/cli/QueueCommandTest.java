package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Queues and dead letters from the command line: against a running server. */
class QueueCommandTest {
    private static final String TOKEN = "123456789:AAE-any-token-of-this-form-will-do_";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    @Test
    void a_queue_is_paused_and_resumed_and_what_telegram_refused_is_requeued_and_purged() throws Exception {
        try (var telegram = Simulator.start(SimulatorSettings.defaults());
                var server = SluiceServer.start(settings(telegram.url()), "1.2.3")) {
            var url = server.adminUrl().toString();
            queue(server.url(), "text="); // Telegram refuses an empty text
            await().atMost(Duration.ofSeconds(20)).until(() -> deadLetters(url) == 1);
            var letter = Program.process(directory, Map.of("SLUICE_URL", url), "", "dlq", "list", "123456789");
            assertThat(letter.output()).containsPattern("(?m)^123456789-\\S+ +sendMessage +42 +refused +refused-400 ");
            var id = letter.output().lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];
            assertThat(run(url, "dlq", "show", id).output()).contains("refused-400");

            assertThat(run(url, "queue", "pause", "123456789"))
                    .isEqualTo(new Ran(0, "queue of bot 123456789 paused\n"));
            assertThat(run(url, "dlq", "requeue", "123456789", "--reason", "refused-400"))
                    .isEqualTo(new Ran(0, "1 messages requeued\n"));
            assertThat(run(url, "queue", "why", id).output()).containsPattern("queued +paused +bot");
            assertThat(run(url, "queue", "list").output()).containsPattern("(?m)^123456789 +1 .* yes$");
            assertThat(run(url, "queue", "resume", "123456789").code()).isZero();
            assertThat(run(url, "queue", "pause", "123456789", "--chat", "43"))
                    .isEqualTo(new Ran(0, "queue of bot 123456789, chat 43 paused\n"));
            assertThat(run(url, "queue", "resume", "123456789", "--chat", "43", "--json"))
                    .isEqualTo(new Ran(0, "{\"resumed\":123456789,\"chat\":\"43\"}\n"));
            await().atMost(Duration.ofSeconds(20)).until(() -> deadLetters(url) == 1);
            assertThat(run(url, "dlq", "purge", id)).isEqualTo(new Ran(0, "message " + id + " purged\n"));
            assertThat(run(url, "queue", "stats").output()).startsWith("HIGH").containsPattern("0 +0 +0 +0 +0 +0");
            assertThat(run(url, "dlq", "purge", id).code()).isEqualTo(1);
        }
    }

    @Test
    void messages_that_telegram_may_have_are_listed_shown_and_resolved() throws Exception {
        try (var telegram = Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
                var server = SluiceServer.start(settings(telegram.url()), "1.2.3")) {
            var url = server.adminUrl().toString();
            telegram.faults().add(FaultRule.of(new FaultEffect.ResetAfter()).onMethod("sendMessage"));
            queue(server.url(), "text=one");
            queue(server.url(), "text=two");
            await().atMost(Duration.ofSeconds(20)).until(() -> messages(url, "unknown") == 2);

            var listed = run(url, "unknown", "list", "123456789");
            assertThat(listed.code()).isZero();
            assertThat(listed.output()).containsPattern("(?m)^123456789-\\S+ +sendMessage +42 +\\S+ +1 ");
            var id = listed.output().lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];
            assertThat(run(url, "unknown", "show", id).output())
                    .contains("unknown")
                    .doesNotContain("one");
            assertThat(run(url, "unknown", "resolve", id).code()).isEqualTo(2);
            assertThat(run(url, "unknown", "resolve", id, "--as", "perhaps").code())
                    .isEqualTo(2);

            assertThat(run(url, "unknown", "resolve", id, "--as", "sent"))
                    .isEqualTo(new Ran(0, "message " + id + " resolved as sent\n"));
            assertThat(run(url, "unknown", "resolve", id, "--as", "sent").code())
                    .isEqualTo(1);
            assertThat(run(url, "unknown", "resolve", "123456789", "--as", "failed", "--chat", "42", "--json"))
                    .isEqualTo(new Ran(0, "{\"changed\":1}\n"));
            assertThat(messages(url, "unknown")).isZero();
        }
    }

    private static int deadLetters(String url) throws Exception {
        return messages(url, "dlq");
    }

    private static int messages(String url, String list) throws Exception {
        var answer = CLIENT.send(
                HttpRequest.newBuilder(URI.create(url + "/v1/" + list + "/123456789"))
                        .build(),
                BodyHandlers.ofString());
        return JsonMapper.shared().readTree(answer.body()).path("messages").size();
    }

    private static void queue(URI url, String parameters) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + "/bot" + TOKEN + "/sendMessage?chat_id=42&" + parameters))
                .header("Prefer", "respond-async")
                .build();
        assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(202);
    }

    private ServerSettings settings(URI telegram) {
        var environment = Map.of("SLUICE_PORT", "0", "TELEGRAM_API_URL", telegram.toString());
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load();
    }

    private static Ran run(String url, String... arguments) {
        return Program.here(Map.of("SLUICE_URL", url), "", arguments);
    }
}
