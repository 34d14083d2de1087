package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that has no memory left and may evict nothing. */
@Timeout(120)
class FullRedisTest {
    /** A full Redis answers: whoever is slow to hear it on a busy machine must not take it for gone. */
    private static final Map<String, String> PATIENT = Map.of("REDIS_TIMEOUT", "5s");

    @TempDir
    private Path folder;

    @Test
    void with_memory_full_keyed_calls_are_refused_others_go_on_and_what_was_begun_is_settled() throws Exception {
        try (var bench = new FaultBench(folder, RedisFixture.start("maxmemory-policy noeviction"), 2, PATIENT)) {
            bench.telegram
                    .faults()
                    .add(FaultRule.of(new FaultEffect.SlowAnswer(Duration.ofSeconds(2)))
                            .onChat(1)
                            .times(1));
            var begun = Message.of(1, "begun").keyed("begun");
            Future<Answer> first = bench.sending(0, begun);
            await().until(() -> bench.arrived("begun") == 1);

            bench.redis.tell("CONFIG SET maxmemory 1");

            var keyed = Message.of(2, "keyed").keyed("keyed");
            Answer refused = bench.send(0, keyed);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.body()).contains("not sent").doesNotContain("OOM", "maxmemory");
            assertThat(bench.send(1, Message.of(3, "unkeyed").waiting(Duration.ofSeconds(5)))
                            .status())
                    .isEqualTo(200);
            assertThat(first.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);

            bench.redis.tell("CONFIG SET maxmemory 0");

            Answer replay = bench.send(1, begun);
            assertThat(replay.status()).isEqualTo(200);
            assertThat(replay.replay()).as("settled while memory was full").isTrue();
            assertThat(bench.send(0, keyed.waiting(Duration.ofSeconds(5))).status())
                    .isEqualTo(200);
            assertThat(bench.arrived("begun")).isEqualTo(1);
            assertThat(bench.arrived("keyed")).isEqualTo(1);
            assertThat(bench.arrived("unkeyed")).isEqualTo(1);
            assertThat(bench.gateways()).allSatisfy(gateway -> {
                assertThat(gateway.log()).doesNotContain("Exception", " ERROR ");
                assertThat(gateway.lines("reason=\"out_of_memory\"")).isEqualTo(1);
            });
        }
    }
}
