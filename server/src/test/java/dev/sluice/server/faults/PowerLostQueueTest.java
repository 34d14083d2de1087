package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.faults.QueueBooks.Breach;
import dev.sluice.server.faults.QueueBooks.Wrong;
import dev.sluice.simulator.BotAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The machine of a Redis with {@code appendfsync everysec} loses power amid traffic: what was accepted or sent in the two
 * seconds before may be lost or sent twice, and nothing else is.
 */
class PowerLostQueueTest {
    /** A second between two syncs, and one that Redis lets a slow one take. */
    private static final int MOST_UNSYNCED_MILLIS = 2_000;

    @TempDir
    private Path folder;

    private RedisProcess redis;
    private QueueBench bench;
    private PowerCut power;

    @BeforeEach
    void start() {
        redis = RedisFixture.start("appendonly yes", "appendfsync everysec", "aof-load-truncated yes");
        bench = new QueueBench(folder, redis.uri(), 2, Map.of());
        power = new PowerCut(redis);
    }

    @AfterEach
    void stop() {
        power.close();
        bench.close();
        redis.close();
    }

    @Test
    @Timeout(400)
    void power_lost_once_loses_and_doubles_only_what_was_written_in_the_2_s_before() throws Exception {
        rounds(1);
    }

    @Test
    @Tag("chaos")
    @Timeout(1_800)
    void power_lost_in_20_rounds_loses_and_doubles_only_what_was_written_in_the_2_s_before() throws Exception {
        rounds(20);
    }

    private void rounds(int count) throws Exception {
        Long wanted = Long.getLong("sluice.chaos.seed");
        long first = wanted == null ? ThreadLocalRandom.current().nextInt(1_000_000) : wanted;
        var sum = new EnumMap<Wrong, Integer>(Wrong.class);
        for (int i = 0; i < (wanted == null ? count : 1); i++) {
            // Its own bot: what a cut takes from the queue's numbers belongs to no other round.
            BotAccount bot = bench.newBot();
            power.settled();
            RoundPlan plan = RoundPlan.of(first + i, i, bot.id()).once();
            // Mostly less than a round takes, so that some of it is kept.
            var random = new SplittableRandom(plan.seed());
            var unsynced = Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? MOST_UNSYNCED_MILLIS : 300));
            var kept = new AtomicLong(Long.MAX_VALUE);
            QueueRound round = QueueRound.play(bench, bot, plan, (blow, callers) -> kept.set(power.cut(unsynced)));

            var wrong = round.books().breaches();
            var counts = new EnumMap<Wrong, Integer>(Wrong.class);
            wrong.forEach(breach -> counts.merge(breach.wrong(), 1, Integer::sum));
            System.out.println(round + ", the last " + unsynced.toMillis() + " ms lost: " + counts);
            assertThat(wrong)
                    .as("seed " + plan.seed())
                    .extracting(Breach::atMicros)
                    .allMatch(at -> at >= kept.get());
            assertThat(round.grown().isBalanced()).as(round.toString()).isTrue();
            counts.forEach((kind, number) -> sum.merge(kind, number, Integer::sum));
        }
        System.out.println("in all: " + sum);
    }
}
