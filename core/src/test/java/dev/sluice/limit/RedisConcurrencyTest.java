package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many callers at once, by the server's own clock. */
class RedisConcurrencyTest {
    private static final int CALLERS = 64;
    /** Callers go on asking for this long by the server's clock: a fast machine must not end within the first window... */
    private static final long ASKS_FOR_MICROS = 350_000;

    /** ...and until so many have passed: one that stands still must not begin within the last. */
    private static final int ENOUGH = 60;

    private static final Limit BOT = Limit.atMost(30, Duration.ofMillis(100));
    private static final Limit CHAT = Limit.atMost(3, Duration.ofMillis(40));
    private static final Script ACQUIRE = Script.of(
            "test/acquire-and-tell-time",
            BucketScript.BUCKETS,
            BucketScript.DECISION,
            new Script.Part(RedisConcurrencyTest.class, "acquire-and-tell-time.lua"));

    private final ScriptRunner redis = RedisFixture.shared().runner();
    private final Queue<Admission> admissions = new ConcurrentLinkedQueue<>();

    private record Admission(long serverMicros, int chat, int weight) {}

    @BeforeEach
    void flush() {
        RedisFixture.shared().flush();
    }

    @Test
    void no_window_on_the_servers_clock_admits_more_than_its_number() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<Future<?>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                int chat = caller % 8;
                int weight = 1 + caller % 2;
                callers.add(threads.submit(() -> ask(chat, weight)));
            }
            for (Future<?> caller : callers) {
                caller.get(60, TimeUnit.SECONDS);
            }
        }

        assertThat(admissions).hasSizeGreaterThanOrEqualTo(ENOUGH);
        keeps(BOT, admissions.stream().toList());
        for (int chat = 0; chat < 8; chat++) {
            int only = chat;
            keeps(
                    CHAT,
                    admissions.stream()
                            .filter(admission -> admission.chat() == only)
                            .toList());
        }
    }

    private void ask(int chat, int weight) {
        var acquisition = Acquisition.of(
                new Charge(new Bucket("1", "bot", "1"), BOT, weight),
                new Charge(new Bucket("1", "chat", Integer.toString(chat)), CHAT, weight));
        var args = List.of(BucketScript.argument(acquisition));
        long now;
        long until = Long.MAX_VALUE;
        do {
            ScriptReply reply = redis.run(ACQUIRE, BucketScript.keys(acquisition, KeySpace.DEFAULT), args);
            now = reply.number(0);
            until = Math.min(until, now + ASKS_FOR_MICROS);
            if (BucketScript.decision(acquisition, reply, 1) instanceof Allowed) {
                admissions.add(new Admission(now, chat, weight));
            }
        } while (now < until || admissions.size() < ENOUGH);
    }

    private static void keeps(Limit limit, List<Admission> admitted) {
        long span = Microseconds.span(limit);
        for (Admission last : admitted) {
            int inWindow = admitted.stream()
                    .filter(other -> other.serverMicros() > last.serverMicros() - span)
                    .filter(other -> other.serverMicros() <= last.serverMicros())
                    .mapToInt(Admission::weight)
                    .sum();
            assertThat(inWindow).isLessThanOrEqualTo(limit.capacity());
        }
    }
}
