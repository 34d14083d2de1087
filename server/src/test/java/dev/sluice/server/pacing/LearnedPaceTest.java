package dev.sluice.server.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.FloodLimits.Limit;
import dev.sluice.simulator.LedgerEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas, one Redis, one bot that always has more to send than it may; Telegram's limit falls to two fifths without a word, and
 * rises again: it is found by what Telegram answers, used evenly, and left behind.
 */
class LearnedPaceTest {
    private static final int REPLICAS = 2;
    private static final int CHATS = 240;

    @TempDir
    private Path folder;

    /**
     * How fast it goes.
     *
     * @param count how many pass in a window, and then two fifths of that
     * @param tolerance how much closer than a window two sends may arrive
     * @param learns how long after the fall nothing is asserted yet
     * @param low how long the limit is low
     * @param rises within which it is used again
     */
    private record Pacing(
            int count, Duration window, Duration tolerance, Duration learns, Duration low, Duration rises) {
        double perSecond() {
            return count * 1e9 / window.toNanos();
        }

        double lowPerSecond() {
            return perSecond() * 2 / 5;
        }

        Limit limit() {
            return new Limit(count, window);
        }

        Limit lowLimit() {
            return new Limit(count * 2 / 5, window);
        }

        Map<String, String> settings() {
            var settings = new HashMap<String, String>();
            settings.put("RATE_LIMIT_GLOBAL_CAPACITY", Integer.toString(count));
            settings.put("RATE_LIMIT_GLOBAL_REFILL_RATE", String.format(Locale.ROOT, "%.6f", perSecond()));
            return settings;
        }
    }

    /** On a machine that does other things besides: a window is a seventh as long, and half of it may be lost on the way. */
    private static final Pacing SHORT = new Pacing(
            15,
            Duration.ofMillis(150),
            Duration.ofMillis(75),
            Duration.ofSeconds(4),
            Duration.ofSeconds(7),
            Duration.ofSeconds(40));

    private static final Pacing LONG = new Pacing(
            30,
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60));

    /**
     * What was seen.
     *
     * @param floods of all calls, while the limit was low and known
     * @param rate of the low limit
     * @param swing of the low limit: between the fastest and the slowest five seconds
     */
    private record Seen(double floods, double rate, double swing) {}

    @Test
    @Timeout(120)
    void a_limit_that_fell_is_kept_and_left_when_it_rises() throws Exception {
        Seen seen = run(SHORT);

        assertThat(seen.floods()).isLessThanOrEqualTo(0.1);
        // More than at the slowest pace there is; how much more a busy machine sends says nothing of the pace.
        assertThat(seen.rate()).isGreaterThanOrEqualTo(0.2);
    }

    @Test
    @Tag("chaos")
    @Timeout(400)
    void a_limit_that_fell_is_used_evenly_for_a_minute_and_left_within_another() throws Exception {
        Seen seen = run(LONG);

        assertThat(seen.floods()).isLessThanOrEqualTo(0.02);
        assertThat(seen.rate()).isGreaterThanOrEqualTo(0.85);
        assertThat(seen.swing()).isLessThanOrEqualTo(0.15);
    }

    private Seen run(Pacing pacing) throws Exception {
        FloodLimits flood = FloodLimits.telegram()
                .withBot(pacing.limit())
                .withChat(Limit.NONE)
                .withTolerance(pacing.tolerance());
        var settings = pacing.settings();
        settings.put("RATE_LIMIT_CHAT_CAPACITY", "100");
        settings.put("RATE_LIMIT_CHAT_REFILL_RATE", "100");
        var open = new AtomicBoolean(true);
        try (var replicas = new Replicas(REPLICAS, flood, settings, folder)) {
            for (int chat = 0; chat < CHATS; chat++) {
                keepSending(replicas, chat, open);
            }
            awaitCount(replicas, 450); // connections open and code compiled
            long fall = now(replicas);
            replicas.simulator.setBotLimit(replicas.bot, pacing.lowLimit());
            awaitTime(replicas, fall + micros(pacing.low()));
            replicas.simulator.setBotLimit(replicas.bot, pacing.limit());
            Seen seen = seen(replicas, pacing, fall + micros(pacing.learns()), fall + micros(pacing.low()));
            Duration back = awaitRate(replicas, pacing, fall + micros(pacing.low()));
            open.set(false);
            replicas.console.printf(
                    "learned pace: %.2f%% of calls told 429, %.3f of the low limit used, swing %.3f, 25 of 30 again after %.1f s%n",
                    100 * seen.floods(), seen.rate(), seen.swing(), back.toMillis() / 1e3);
            assertThat(back).isLessThanOrEqualTo(pacing.rises());
            return seen;
        }
    }

    /** One call of a chat after the other. */
    private static void keepSending(Replicas replicas, int chat, AtomicBoolean open) {
        replicas.send(chat % REPLICAS, 1_000 + chat, "text", Map.of("X-Sluice-Max-Wait", "300"))
                .thenAccept(answered -> {
                    if (open.get()) {
                        keepSending(replicas, chat, open);
                    }
                });
    }

    private static Seen seen(Replicas replicas, Pacing pacing, long from, long until) {
        List<LedgerEntry> received = replicas.simulator.ledger().received(replicas.bot);
        long passed = count(received, from, until);
        long floods = count(replicas.simulator.ledger().flooded(replicas.bot), from, until);
        double most = 0;
        double least = Double.MAX_VALUE;
        for (long at = from; at + 5_000_000 <= until; at += 250_000) {
            double rate = count(received, at, at + 5_000_000) / 5.0;
            most = Math.max(most, rate);
            least = Math.min(least, rate);
        }
        double low = pacing.lowPerSecond();
        return new Seen(
                (double) floods / (floods + passed),
                passed * 1e6 / (until - from) / low,
                most > 0 ? (most - least) / low : 0);
    }

    /** How long it took until five windows' worth of calls, or five seconds', passed at 25 of 30. */
    private static Duration awaitRate(Replicas replicas, Pacing pacing, long rise) {
        long span = 5 * micros(pacing.window());
        Awaitility.await()
                .atMost(pacing.rises().plusSeconds(10))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    long now = now(replicas);
                    List<LedgerEntry> received = replicas.simulator.ledger().received(replicas.bot);
                    return now - span > rise
                            && count(received, now - span, now) * 1e6 / span >= pacing.perSecond() * 25 / 30;
                });
        return Duration.ofNanos((now(replicas) - rise) * 1_000);
    }

    private static long count(List<LedgerEntry> entries, long from, long until) {
        return entries.stream()
                .filter(entry -> entry.monotonicMicros() >= from && entry.monotonicMicros() < until)
                .count();
    }

    private static void awaitCount(Replicas replicas, int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> replicas.simulator.ledger().received(replicas.bot).size() >= count);
    }

    private static void awaitTime(Replicas replicas, long until) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> now(replicas) >= until);
    }

    /** By the ledger's clock: when the last call was decided. */
    private static long now(Replicas replicas) {
        return replicas.simulator.ledger().received(replicas.bot).getLast().monotonicMicros();
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}
