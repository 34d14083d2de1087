package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.SharedRedis;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisRateLimiterTest extends RateLimiterContract {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Bucket CHAT = new Bucket("7", "chat", "1");
    private static final Bucket BOT = new Bucket("7", "bot", "7");

    private final SharedRedis redis = RedisFixture.shared();

    @Override
    RateLimiter limiter(SettableMicros clock) {
        return RedisByTestClock.limiter(clock);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void two_limiters_share_buckets_and_parks() {
        RateLimiter one = limiter(clock);
        RateLimiter other = limiter(clock);
        var question = Acquisition.of(new Charge(CHAT, Limit.atMost(2, SECOND), 1));

        one.tryAcquire(question);
        assertThat(LimiterFixture.remaining(other.tryAcquire(question))).containsExactly(0);
        one.park(CHAT, Duration.ofSeconds(5));
        assertThat(other.tryAcquire(question)).isEqualTo(new Denied(CHAT, Cause.PARK, Duration.ofSeconds(5), 0));
    }

    @Test
    void a_bucket_can_be_parked_when_memory_is_full() {
        RateLimiter limiter = limiter(clock);
        redis.commands().configSet("maxmemory", "1");
        try {
            limiter.park(CHAT, Duration.ofSeconds(5));
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(limiter.tryAcquire(Acquisition.of(new Charge(CHAT, Limit.atMost(2, SECOND), 1))))
                .isEqualTo(new Denied(CHAT, Cause.PARK, Duration.ofSeconds(5), 2));
    }

    @Test
    void a_denial_changes_no_byte() {
        RateLimiter limiter = limiter(clock);
        var question = Acquisition.of(
                new Charge(BOT, Limit.atMost(30, SECOND), 1),
                new Charge(CHAT, Limit.atMost(2, SECOND), 1),
                new Charge(new Bucket("7", "group", "1"), Limit.smooth(20, Duration.ofSeconds(3)), 1),
                new Charge(new Bucket("7", "user", "1"), Limit.smooth(9, Duration.ofSeconds(3)), 1));
        limiter.tryAcquire(question);
        limiter.tryAcquire(question);
        limiter.tryAcquire(question.waitingAs(new Waiter("AAAAAAAA")));
        limiter.park(new Bucket("7", "user", "1"), Duration.ofMillis(10));
        Map<String, String> before = contents();
        clock.advance(Duration.ofMillis(300));

        assertThat(limiter.tryAcquire(question)).isInstanceOf(Denied.class);
        assertThat(limiter.statistics(CHAT, Limit.atMost(2, SECOND)).waiting()).isEqualTo(1);
        assertThat(contents()).hasSize(4).isEqualTo(before);
    }

    @Test
    void every_key_lives_until_its_bucket_is_empty_and_at_most_11_seconds_longer() {
        RateLimiter limiter = RedisByTestClock.withItsOwnTtls(clock);
        limiter.tryAcquire(Acquisition.of(
                new Charge(BOT, Limit.atMost(3, Duration.ofSeconds(60)), 1),
                new Charge(CHAT, Limit.smooth(9, Duration.ofSeconds(30)), 2)));
        limiter.tryAcquire(Acquisition.of(new Charge(new Bucket("7", "paid", "7"), Limit.atMost(2, SECOND), 7)));
        limiter.park(new Bucket("7", "group", "1"), Duration.ofSeconds(100));
        var waited = Acquisition.of(new Charge(new Bucket("7", "user", "1"), Limit.atMost(1, SECOND), 1));
        limiter.tryAcquire(waited);
        limiter.tryAcquire(waited.waitingAs(new Waiter("AAAAAAAA")));

        var seconds = new HashMap<String, Double>();
        for (String key : redis.commands().keys("*")) {
            seconds.put(
                    key.substring(key.lastIndexOf('}') + 2), redis.commands().pttl(key) / 1_000.0);
        }
        assertThat(seconds).containsOnlyKeys("bot:7", "chat:1", "paid:7", "group:1", "user:1");
        // Less what may have passed since, on a busy machine.
        assertThat(seconds.get("bot:7")).isBetween(60.0, 71.0);
        assertThat(seconds.get("chat:1")).isBetween(60.0, 71.0);
        assertThat(seconds.get("paid:7")).isBetween(4.0, 6.0);
        assertThat(seconds.get("group:1")).isBetween(91.0, 101.0);
        assertThat(seconds.get("user:1")).isBetween(1.2, 3.11);
    }

    @Test
    void idle_buckets_vanish() {
        var limiter = new RedisRateLimiter(redis.runner(), RedisByTestClock.KEYS);
        limiter.tryAcquire(Acquisition.of(
                new Charge(BOT, Limit.atMost(3, SECOND), 1), new Charge(CHAT, Limit.smooth(3, SECOND), 1)));
        limiter.park(CHAT, Duration.ofMillis(1));

        assertThat(redis.commands().dbsize()).isEqualTo(2);
        await().atMost(Duration.ofSeconds(20)).until(() -> redis.commands().dbsize() == 0);
    }

    /** After a jump back it goes on as if no time had passed: what was spent just before is held against the caller again. */
    @Test
    void a_server_clock_that_jumps_back_blocks_nobody_longer_than_one_window() {
        RateLimiter limiter = limiter(clock);
        var window = Acquisition.of(new Charge(CHAT, Limit.atMost(2, SECOND), 1));
        var smooth = Acquisition.of(new Charge(BOT, Limit.smooth(2, SECOND), 1));
        for (var question : List.of(window, window, smooth, smooth)) {
            assertThat(limiter.tryAcquire(question)).isInstanceOf(Allowed.class);
        }
        limiter.park(new Bucket("7", "group", "1"), Duration.ofSeconds(3));
        clock.advance(Duration.ofSeconds(-10));

        assertThat(limiter.tryAcquire(window)).isEqualTo(new Denied(CHAT, Cause.LIMIT, SECOND, 0));
        assertThat(limiter.tryAcquire(smooth)).isEqualTo(new Denied(BOT, Cause.LIMIT, SECOND, 0));
        clock.advance(Duration.ofMillis(400));
        assertThat(limiter.tryAcquire(window)).isEqualTo(new Denied(CHAT, Cause.LIMIT, Duration.ofMillis(600), 0));
        clock.advance(Duration.ofMillis(600));
        assertThat(LimiterFixture.remaining(limiter.tryAcquire(window))).containsExactly(1);
        assertThat(LimiterFixture.remaining(limiter.tryAcquire(smooth))).containsExactly(0);
        assertThat(limiter.tryAcquire(
                        Acquisition.of(new Charge(new Bucket("7", "group", "1"), Limit.atMost(1, SECOND), 1))))
                .as("a park lasts no longer than it was to, from the jump on")
                .isEqualTo(new Denied(new Bucket("7", "group", "1"), Cause.PARK, Duration.ofSeconds(3), 1));
    }

    @Test
    void a_server_clock_that_jumps_back_keeps_the_line() {
        RateLimiter limiter = limiter(clock);
        var question = Acquisition.of(new Charge(CHAT, Limit.atMost(1, SECOND), 1));
        limiter.tryAcquire(question);
        limiter.tryAcquire(question.waitingAs(new Waiter("AAAAAAAA")));
        clock.advance(Duration.ofSeconds(-10));

        assertThat(limiter.tryAcquire(question.waitingAs(new Waiter("BBBBBBBB"))))
                .isEqualTo(new Denied(CHAT, Cause.LIMIT, Duration.ofSeconds(2), 0));
        clock.advance(Duration.ofMillis(1_101));
        assertThat(limiter.tryAcquire(question)).as("only Ben's place is left").isInstanceOf(Denied.class);
        assertThat(limiter.statistics(CHAT, Limit.atMost(1, SECOND)).waiting()).isEqualTo(1);
    }

    /** The store cannot tell a jump from time that has passed. */
    @Test
    void a_server_clock_that_jumps_forward_admits_one_burst_more_and_returns_without_harm() {
        RateLimiter limiter = limiter(clock);
        var question = Acquisition.of(new Charge(CHAT, Limit.atMost(2, SECOND), 1));
        assertThat(passing(limiter, question)).isEqualTo(2);

        clock.advance(Duration.ofSeconds(10));
        assertThat(passing(limiter, question)).isEqualTo(2);
        clock.advance(Duration.ofSeconds(-10));
        assertThat(limiter.tryAcquire(question)).isEqualTo(new Denied(CHAT, Cause.LIMIT, SECOND, 0));
        clock.advance(SECOND);
        assertThat(passing(limiter, question)).isEqualTo(2);
    }

    private static int passing(RateLimiter limiter, Acquisition question) {
        int passed = 0;
        while (limiter.tryAcquire(question) instanceof Allowed) {
            passed++;
        }
        return passed;
    }

    /** Whatever the caller's clock says cannot matter: nothing that depends on it is sent. */
    @Test
    void no_time_of_the_callers_reaches_the_script() {
        var sent = new ArrayList<byte[]>();
        var limiter = new RedisRateLimiter(
                (script, keys, args) -> {
                    sent.addAll(args);
                    return new ScriptReply(script.name(), List.of(1L, 5L, 6L, 7L));
                },
                RedisByTestClock.KEYS);

        limiter.tryAcquire(Acquisition.of(
                        new Charge(BOT, Limit.atMost(30, SECOND), 1),
                        new Charge(CHAT, Limit.smooth(20, Duration.ofMillis(50)), 3))
                .waitingAs(new Waiter("AAAAAAAA")));

        byte[] asked = new byte[8 + 1 + 2 * 17];
        ByteBuffer.wrap(asked)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("AAAAAAAA".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 0)
                .put((byte) 'W')
                .putInt(30)
                .putDouble(1_000_000)
                .putInt(1)
                .put((byte) 'G')
                .putInt(20)
                .putDouble(50_000)
                .putInt(3);
        assertThat(sent).containsExactly(asked);
    }

    private Map<String, String> contents() {
        var contents = new HashMap<String, String>();
        for (String key : redis.commands().keys("*")) {
            contents.put(key, new String(redis.commands().get(key), StandardCharsets.ISO_8859_1));
        }
        return contents;
    }
}
