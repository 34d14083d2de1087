package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.server.callback.Receiver;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a callback is owed outlives whoever owed it. */
class CallbacksAfterCrashesTest {
    private static final Duration BOUND = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    @Test
    void what_ended_before_its_process_was_killed_is_told_by_another() throws Exception {
        isToldByAnother(503);
    }

    @Tag("chaos")
    @Test
    void what_was_being_told_when_its_process_was_killed_is_told_by_another_after_its_lease() throws Exception {
        isToldByAnother(Receiver.SILENT);
    }

    private void isToldByAnother(int firstAnswer) throws Exception {
        var settings = Map.of(
                "SLUICE_CALLBACK_SECRET", "a-secret-of-many-characters", "SLUICE_WEBHOOK_TARGETS", "127.0.0.0/8");
        try (var receiver = new Receiver();
                var bench = new FaultBench(folder, RedisFixture.start(), 1, settings)) {
            receiver.answer("/told?key=hidden", firstAnswer);
            var call = HttpRequest.newBuilder(bench.url(0, "sendMessage"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Prefer", "respond-async")
                    .header(
                            "X-Sluice-Callback",
                            receiver.url("/told?key=hidden").toString())
                    .POST(BodyPublishers.ofString("chat_id=42&text=paid"))
                    .build();
            var accepted = HttpClient.newHttpClient().send(call, BodyHandlers.ofString());
            assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
            await().atMost(BOUND)
                    .until(() -> !receiver.calls("/told?key=hidden").isEmpty());

            bench.gateway(0).kill();
            receiver.answer("/told?key=hidden", 200);
            bench.add(Map.of());

            await().atMost(BOUND).until(() -> receiver.calls("/told?key=hidden").size() == 2);
            var calls = receiver.calls("/told?key=hidden");
            assertThat(calls.get(1).header("X-sluice-event"))
                    .isEqualTo(calls.get(0).header("X-sluice-event"));
            assertThat(receiver.calls("/told?key=hidden")
                            .getLast()
                            .json()
                            .path("state")
                            .asString())
                    .isEqualTo("sent");
            assertThat(bench.received(42)).hasSize(1);
            bench.gateways().forEach(process -> assertThat(process.log()).doesNotContain("hidden", "/told"));
        }
    }
}
