package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers that wait and callers that do not, all under one key; two gateways that also send what is queued; one message. */
@Timeout(120)
class OneKeyBothWaysTest {
    private static final int REPLICAS = 2;
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private static Path folder;

    private static FaultBench bench;
    private static long chats = 1;

    private final long chat = chats++;

    @BeforeAll
    static void start() {
        // Cold replicas on a busy machine are slow to hear Redis; how slow a Redis may be is another test's question.
        bench = new FaultBench(folder, RedisFixture.start(), REPLICAS, Map.of("REDIS_TIMEOUT", "2s"));
    }

    @AfterAll
    static void stop() {
        bench.close();
    }

    @Test
    void of_50_calls_at_once_half_of_them_to_be_queued_one_is_sent() throws Exception {
        for (Duration patience : List.of(Duration.ZERO, Duration.ofSeconds(3))) {
            var waits = Message.of(chat, "paid " + patience)
                    .keyed("order " + patience)
                    .waiting(LONG);
            var calls = new ArrayList<Future<Answer>>();
            for (int i = 0; i < 50; i++) {
                // Each replica gets both kinds.
                calls.add(bench.sending(i / 2 % REPLICAS, i % 2 == 0 ? waits : waits.queuedAfter(patience)));
            }
            var answers = new ArrayList<Answer>();
            for (Future<Answer> call : calls) {
                answers.add(call.get(60, TimeUnit.SECONDS));
            }

            await().atMost(LONG).until(() -> bench.arrived(waits.text()) > 0);
            assertThat(answers)
                    .filteredOn(Answer::isSent)
                    .as("those who waited")
                    .hasSizeGreaterThanOrEqualTo(25);
            assertThat(answers)
                    .as("%s", answers)
                    .allSatisfy(answer -> assertThat(answer.status()).isIn(200, 202, 429));
            assertThat(answers)
                    .filteredOn(Answer::isSent)
                    .extracting(Answer::body)
                    .as("all have the one answer")
                    .containsOnly(bench.send(0, waits).body());
            assertThat(bench.send(1, waits.queuedAfter(Duration.ofSeconds(1))).replay())
                    .isTrue();
            assertThat(bench.arrived(waits.text())).isEqualTo(1);
        }
    }
}
