package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisFixture;
import dev.sluice.server.faults.Draft.Way;
import dev.sluice.simulator.BotAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A queue whose Redis has no memory left and may evict nothing. */
@Timeout(120)
class FullQueueTest {
    /** On a busy machine neither a slow answer is an outage or unknown, nor a slow worker a dead one. */
    private static final Map<String, String> PATIENT =
            Map.of("REDIS_TIMEOUT", "5s", "TELEGRAM_TIMEOUT", "20", "SLUICE_QUEUE_LEASE", "10s");

    @TempDir
    private Path folder;

    @Test
    void with_memory_full_new_messages_are_refused_and_accepted_ones_are_sent_and_settled() throws Exception {
        try (var redis = RedisFixture.start("maxmemory-policy noeviction");
                var bench = new QueueBench(folder, redis.uri(), 1, PATIENT)) {
            BotAccount bot = bench.newBot();
            bench.client.pause(bot);
            var drafts = IntStream.range(0, 20)
                    .mapToObj(i -> new Draft(
                            5_000 + i % 4,
                            "accepted " + i,
                            List.of(Way.values()).get(i % 4),
                            "normal"))
                    .toList();
            var fates = new ArrayList<Fate>();
            for (Future<List<Fate>> caller : bench.queueing(bot, List.of(drafts))) {
                fates.addAll(caller.get(60, TimeUnit.SECONDS));
            }

            redis.tell("CONFIG SET maxmemory 1");
            var call = bench.client.tryOnce(bot, new Draft(1, "refused call", Way.CALL, "normal"));
            var message = bench.client.tryOnce(bot, new Draft(1, "refused message", Way.MESSAGE, "normal"));
            bench.client.resume(bot);

            assertThat(call.statusCode()).isEqualTo(503);
            assertThat(call.body()).contains("the queue's store is full; not queued", "\"outcome\":\"not_sent\"");
            assertThat(message.statusCode()).isEqualTo(503);
            assertThat(message.body()).contains("Redis has no memory left; nothing was changed");
            var numbers = bench.awaitEnded(bot, Duration.ofSeconds(60));
            assertThat(numbers).isEqualTo(new QueueNumbers(20, 20, 0, 0, 0));
            assertThat(QueueBooks.of(bench.client, fates, bench.received(bot)).breaches())
                    .isEmpty();
            bench.client.pause(bot);
            bench.client.resume(bot);

            redis.tell("CONFIG SET maxmemory 0");
            assertThat(bench.client
                            .tryOnce(bot, new Draft(1, "after", Way.CALL, "normal"))
                            .statusCode())
                    .isEqualTo(202);
            assertThat(bench.awaitEnded(bot, Duration.ofSeconds(60)).sent()).isEqualTo(21);
            assertThat(bench.workers())
                    .allSatisfy(worker -> assertThat(worker.log()).doesNotContain("Exception", " ERROR "));
        }
    }
}
