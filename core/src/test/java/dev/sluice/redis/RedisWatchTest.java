package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class RedisWatchTest {
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Queue<Duration> jumps = new ConcurrentLinkedQueue<>();
    private final RedisEvents events = new RedisEvents() {
        @Override
        public void clockJumped(String shard, Duration by) {
            jumps.add(by);
        }
    };
    private final RedisWatch.Guard guard = new RedisWatch.Guard() {
        @Override
        public void lost(RedisUnavailableException cause, Duration ago) {
            told.add("lost: " + cause.reason());
        }

        @Override
        public void partLost() {
            told.add("a part lost");
        }

        @Override
        public void found() {
            told.add("found");
        }
    };

    /** Parts of Redis that answer or do not. */
    private static final class Parts implements ScriptRunner {
        final TestClockRunner redis = RedisFixture.shared().clockRunner();
        final Map<String, Reason> failing = new ConcurrentHashMap<>();
        final List<Shard> shards = new ArrayList<>(List.of(Shard.WHOLE));

        @Override
        public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
            Optional<Reason> reason = shards.stream()
                    .filter(shard -> keys.getFirst().contains("{" + shard.tag() + "}"))
                    .findFirst()
                    .map(shard -> failing.get(shard.tag()));
            if (reason.isPresent()) {
                throw new RedisUnavailableException(reason.get(), "not answered", false, null);
            }
            return redis.run(script, keys, args);
        }

        @Override
        public List<Shard> shards() {
            return shards;
        }
    }

    private RedisWatch watching(ScriptRunner redis) {
        var watch = new RedisWatch(redis, KeySpace.DEFAULT, events, new Random(7));
        watch.tell(guard);
        return watch;
    }

    @Test
    void one_unanswered_look_is_a_hiccup_and_two_in_a_row_are_an_outage() {
        var parts = new Parts();
        RedisWatch watch = watching(parts);
        parts.failing.put("0", Reason.NO_REPLY);
        watch.look();
        parts.failing.clear();
        watch.look();
        parts.failing.put("0", Reason.NO_REPLY);
        watch.look();
        assertThat(told).containsExactly("found");

        watch.look();
        watch.look();
        parts.failing.clear();
        watch.look();
        assertThat(told).containsExactly("found", "lost: NO_REPLY", "lost: NO_REPLY", "found");
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"NOT_CONNECTED", "BREAKER_OPEN", "OUT_OF_MEMORY", "READ_ONLY", "REFUSED"})
    void what_is_certain_is_told_at_once(Reason reason) {
        var parts = new Parts();
        parts.failing.put("0", reason);
        watching(parts).look();

        assertThat(told).containsExactly("lost: " + reason);
    }

    @Test
    void it_says_how_long_ago_it_asked_for_what_failed() {
        var ages = new ArrayList<Duration>();
        ScriptRunner slow = (script, keys, args) -> {
            long asked = System.nanoTime();
            while (System.nanoTime() - asked < 5_000_000) {
                Thread.onSpinWait();
            }
            throw new RedisUnavailableException("gone", false, null);
        };
        try (var watch = new RedisWatch(slow, KeySpace.DEFAULT, events, new Random(7))) {
            watch.tell(new RedisWatch.Guard() {
                @Override
                public void lost(RedisUnavailableException cause, Duration ago) {
                    ages.add(ago);
                }

                @Override
                public void found() {}
            });
            watch.look();
        }
        assertThat(ages)
                .singleElement()
                .satisfies(ago -> assertThat(ago.toMillis()).isGreaterThanOrEqualTo(5));
    }

    @Test
    void an_interrupted_watch_says_nothing() {
        var parts = new Parts();
        parts.failing.put("0", Reason.INTERRUPTED);
        watching(parts).look();

        assertThat(told).isEmpty();
    }

    @Test
    void of_parts_that_fail_alone_neither_is_told() {
        var parts = new Parts();
        parts.shards.add(new ScriptRunner.Shard(8_000, "1"));
        RedisWatch watch = watching(parts);
        parts.failing.put("1", Reason.NOT_CONNECTED);
        watch.look();
        assertThat(told).containsExactly("a part lost");

        parts.failing.put("0", Reason.NOT_CONNECTED);
        watch.look();
        parts.failing.clear();
        watch.look();
        assertThat(told).containsExactly("a part lost", "lost: NOT_CONNECTED", "found");
    }

    @Test
    void a_clock_that_jumps_is_an_event_once() {
        var parts = new Parts();
        RedisWatch watch = watching(parts);
        watch.look();
        parts.redis.advance(Duration.ofSeconds(10));
        watch.look();
        watch.look();

        assertThat(jumps)
                .singleElement()
                .satisfies(by -> assertThat(by.toMillis()).isBetween(8_000L, 10_000L));
    }

    @Test
    void it_writes_nothing() {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        watching(redis.runner()).look();

        assertThat(redis.commands().dbsize()).isZero();
        assertThat(told).containsExactly("found");
    }

    @Test
    void a_redis_that_is_full_frozen_or_killed_is_lost_and_found_though_nobody_asks_it_anything() {
        try (var redis = RedisFixture.start("maxmemory-policy noeviction");
                var store = RedisStore.connect(
                        RedisSettings.parse(redis.uri()).withCommandTimeout(Duration.ofMillis(300)), events);
                var runner = new GuardedRunner(store, Breaker.Settings.DEFAULT, events);
                var watch = watching(runner)) {
            after(watch::start, "found");
            after(() -> redis.tell("CONFIG SET maxmemory 1"), "lost: OUT_OF_MEMORY");
            after(() -> redis.tell("CONFIG SET maxmemory 0"), "found");
            after(redis::freeze, "lost: NO_REPLY");
            after(redis::thaw, "found");
            after(redis::kill, "lost: ");
            after(redis::restart, "found");
            assertThat(jumps).isEmpty();
        }
    }

    /** It comes, perhaps before the action returns. */
    private void after(Runnable action, String what) {
        told.clear();
        action.run();
        await().atMost(Duration.ofSeconds(20)).until(() -> told.stream().anyMatch(one -> one.startsWith(what)));
    }
}
