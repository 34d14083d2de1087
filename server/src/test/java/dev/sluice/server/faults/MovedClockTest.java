package dev.sluice.server.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.redis.MovedClock;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.WindowPeak;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clocks that are wrong and clocks that jump, by libfaketime under real processes: a gateway's own decides nothing, and that of
 * Redis costs one window's patience.
 */
@Timeout(120)
class MovedClockTest {
    private static final int CAPACITY = 10;
    private static final Duration WINDOW = Duration.ofSeconds(2);

    /** How much closer than a window two sends may arrive on a busy machine. */
    private static final Duration JITTER = Duration.ofMillis(300);

    /** A Redis that is heard late on a busy machine is no outage. */
    private static final Map<String, String> LIMITS =
            Map.of("RATE_LIMIT_GLOBAL_CAPACITY", "10", "RATE_LIMIT_GLOBAL_REFILL_RATE", "5", "REDIS_TIMEOUT", "5s");

    private static final Duration SLOW_WINDOW = Duration.ofSeconds(10);
    private static final Map<String, String> SLOW =
            Map.of("RATE_LIMIT_GLOBAL_CAPACITY", "10", "RATE_LIMIT_GLOBAL_REFILL_RATE", "1", "REDIS_TIMEOUT", "5s");

    @TempDir
    private Path folder;

    @BeforeEach
    void needsFaketime() {
        assumeTrue(MovedClock.isInstalled(), "the program faketime is not installed");
    }

    /**
     * Only in the long form: under libfaketime a JVM is many times slower. So its window is long, and a slow replica is no
     * outage.
     */
    @Test
    @Tag("chaos")
    @Timeout(400)
    void gateways_whose_clocks_are_10_s_ahead_and_10_s_behind_share_limits_and_keys_all_the_same() throws Exception {
        try (var ahead = new MovedClock();
                var behind = new MovedClock();
                var bench = new FaultBench(folder, RedisFixture.start(), 1, SLOW)) {
            ahead.move(Duration.ofSeconds(10));
            behind.move(Duration.ofSeconds(-10));
            bench.add(ahead.environment(), behind.environment());
            var traffic = Traffic.over(bench, 9, -1, SLOW_WINDOW);
            eventually(() -> traffic.told() > 40);
            var books = new Books(bench, traffic.stop());
            books.nothingIsDoubledOrLost();
            assertThat(peak(bench, SLOW_WINDOW.minusSeconds(2)).weight()).isLessThanOrEqualTo(CAPACITY);
            var key = Message.of(5, "paid").keyed("order-17").waiting(Duration.ofSeconds(30));
            var first = bench.send(1, key);
            for (int replica = 0; replica < 3; replica++) {
                var again = bench.send(replica, key);
                assertThat(again.body()).isEqualTo(first.body());
                assertThat(again.replay()).isTrue();
            }
        }
    }

    @Test
    void redis_whose_clock_jumps_ahead_and_back_blocks_nobody_for_long_and_admits_no_second_burst() throws Exception {
        try (var clock = new MovedClock();
                var bench = new FaultBench(folder, RedisFixture.start(clock), 2, LIMITS)) {
            var traffic = Traffic.over(bench, 9, -1, Duration.ofSeconds(3));
            for (int offset : List.of(10, 0, -10, 0)) {
                int before = traffic.told();
                eventually(() -> traffic.told() > before + CAPACITY + 3);
                clock.move(Duration.ofSeconds(offset));
                eventually(() -> Math.abs(trueOffset(bench.redis) - offset) <= 2);
            }
            int before = traffic.told();
            eventually(() -> traffic.told() > before + CAPACITY + 3);

            var books = new Books(bench, traffic.stop());
            books.nothingIsDoubledOrLost();
            assertThat(peak(bench, bench.stalls.takenFrom(WINDOW.minus(JITTER))).weight())
                    .as("messages within " + WINDOW)
                    .isLessThanOrEqualTo(2 * CAPACITY - CAPACITY / 2);
            // What was spent just before the jump counts for one window more.
            Duration most = WINDOW.plus(WINDOW);
            assertThat(longestSilence(bench)).isLessThan(most.plus(bench.stalls.mostWithin(most)));
            assertThat(books.told(503)).isEmpty();
            assertThat(books.told(504)).isEmpty();
        }
    }

    private static WindowPeak peak(FaultBench bench, Duration window) {
        return bench.telegram.ledger().peak(bench.bot.id(), window);
    }

    /** The longest time that passed between two messages while there were always some that wanted to be sent. */
    private static Duration longestSilence(FaultBench bench) {
        List<LedgerEntry> received = bench.received();
        long longest = 0;
        for (int i = 1; i < received.size(); i++) {
            longest = Math.max(
                    longest,
                    received.get(i).monotonicMicros() - received.get(i - 1).monotonicMicros());
        }
        return Duration.ofNanos(longest * 1_000);
    }

    /** How far Redis' clock is ahead of the clock of this process, in seconds. */
    private static long trueOffset(RedisProcess redis) {
        String reply = redis.tell("EVAL \"return tonumber(redis.call('TIME')[1])\" 0");
        return Long.parseLong(reply.substring(1)) - Clock.systemUTC().millis() / 1_000;
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(60)).until(condition);
    }
}
