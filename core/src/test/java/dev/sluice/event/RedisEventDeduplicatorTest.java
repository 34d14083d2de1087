package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisEventDeduplicatorTest extends EventDeduplicatorContract {
    private static final String KEY = "sluice:events:{analytics}:";

    private final SharedRedis redis = RedisFixture.shared();

    @Override
    EventDeduplicator deduplicator(DedupeWindow window) {
        TestClockRunner runner = redis.clockRunner();
        return EventDeduplicator.onRedis(
                (script, keys, args) -> {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT,
                window);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl() {
        for (String key : redis.commands().keys("*")) {
            assertThat(redis.commands().pttl(key)).as(key).isBetween(1L, 2 * LENGTH.toMillis());
        }
    }

    @Test
    void a_stream_is_three_keys_that_live_for_two_windows_and_hold_digests_alone() {
        events.firstSeen(STREAM, "a user's name");
        clock.advance(LENGTH);
        events.firstSeen(STREAM, "another");

        assertThat(new HashSet<>(redis.commands().keys("*")))
                .containsExactlyInAnyOrder(KEY + "window", KEY + "current", KEY + "before");
        assertThat(new String(redis.commands().get(KEY + "window"), StandardCharsets.US_ASCII))
                .isEqualTo(clock.getAsLong() + " " + (clock.getAsLong() - 3_600_000_000L));
        assertThat(redis.commands().smembers(KEY + "before"))
                .singleElement()
                .satisfies(member -> assertThat(member).hasSize(16));
        assertThat(redis.commands().pttl(KEY + "current"))
                .isGreaterThan(LENGTH.multipliedBy(2).toMillis() - 10_000);
    }

    @Test
    void a_generation_ends_two_windows_after_it_began_whatever_comes_in() {
        events.firstSeen(STREAM, "a");
        clock.advance(LENGTH.minus(MICROSECOND));
        events.firstSeen(STREAM, "b");
        redis.commands().pexpire(KEY + "current", 50_000);
        clock.advance(MICROSECOND);
        events.firstSeen(STREAM, "c");

        assertThat(redis.commands().pttl(KEY + "before"))
                .as("kept when it is the one before")
                .isLessThan(50_001);
    }

    @Test
    void no_more_than_two_generations_are_held() {
        for (int batch = 0; batch < 20; batch++) {
            events.firstSeen(STREAM, ids("x", batch * 700, (batch + 1) * 700));
            assertThat(redis.commands().scard(KEY + "current")).isLessThanOrEqualTo(MOST);
            assertThat(redis.commands().scard(KEY + "before")).isLessThanOrEqualTo(MOST);
        }
        assertThat(redis.commands().scard(KEY + "before")).isEqualTo(MOST);
    }

    @Test
    void an_event_takes_less_than_80_bytes() {
        EventDeduplicator large = deduplicator(new DedupeWindow(LENGTH, 100_000));
        for (int batch = 0; batch < 50; batch++) {
            large.firstSeen(STREAM, ids("x", batch * 1_000, (batch + 1) * 1_000));
        }
        assertThat(redis.commands().memoryUsage(KEY + "current") / 50_000.0).isBetween(30.0, 80.0);
    }

    @Test
    void two_processes_share_a_stream() {
        EventDeduplicator other = deduplicator(new DedupeWindow(LENGTH, MOST));

        assertThat(events.firstSeen(STREAM, "a")).isTrue();
        assertThat(other.firstSeen(STREAM, "a")).isFalse();
    }

    @Test
    void when_memory_is_full_events_are_refused_and_nothing_changed() {
        events.firstSeen(STREAM, "a");
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> events.firstSeen(STREAM, "b"))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThatThrownBy(() -> events.firstSeen("payments", "b"))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThat(events.firstSeen(STREAM, "a"))
                    .as("a repeat writes nothing")
                    .isFalse();
            assertThat(events.forget(STREAM, List.of("a"))).isEqualTo(1);
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(firsts(List.of("a", "b"))).containsExactly(0, 1);
    }

    @Test
    void a_stream_whose_beginning_was_lost_begins_anew_and_leaves_nothing_behind() {
        events.firstSeen(STREAM, "a");
        redis.commands().del(KEY + "window");

        assertThat(events.firstSeen(STREAM, "a")).isTrue();
        assertThat(redis.commands().scard(KEY + "current")).isEqualTo(1);
    }

    @Test
    void what_somebody_else_wrote_under_a_streams_name_is_an_error() {
        redis.commands().set(KEY + "window", "17".getBytes(StandardCharsets.US_ASCII), SetArgs.Builder.ex(60));

        assertThatThrownBy(() -> events.firstSeen(STREAM, "a")).isInstanceOf(RedisException.class);
    }
}
