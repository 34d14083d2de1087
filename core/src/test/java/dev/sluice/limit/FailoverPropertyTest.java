package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Replicas lose and find Redis at different moments, some twice: what they admit together is what counts. */
class FailoverPropertyTest {
    private static final long STEP = 20_000;
    private static final long HEARTBEAT = 100_000;

    /** With a heartbeat more, less than {@link LocalShare#SKEW}. */
    private static final long APART = 850_000;

    private static final Bucket BOT = new Bucket("1", "bot", "1");

    private final SettableMicros clock = new SettableMicros();

    private static final class Replica {
        final BreakableLimiter way;
        final FailoverRateLimiter limiter;
        final long[] lost = new long[2];
        final long[] found = new long[2];

        Replica(BreakableLimiter way, LocalShare share) {
            this.way = way;
            this.limiter =
                    new FailoverRateLimiter(way, share, OnStoreFailure.LOCAL, OutageListener.NONE, tag -> "redis");
        }

        boolean isCut(long now) {
            return (now >= lost[0] && now < found[0]) || (now >= lost[1] && now < found[1]);
        }
    }

    @Property(tries = 30)
    void no_window_over_all_replicas_admits_more_than_its_number(
            @ForAll long seed,
            @ForAll @IntRange(min = 3, max = 12) int capacity,
            @ForAll @LongRange(min = 200, max = 3_000) long windowMillis,
            @ForAll boolean alone) {
        var random = new Random(seed);
        Limit limit = Limit.atMost(capacity, Duration.ofMillis(windowMillis));
        var question = Acquisition.of(new Charge(BOT, limit, 1));
        var redis = new InMemoryRateLimiter(clock);
        List<Replica> replicas = replicas(alone ? 1 : 3, redis, random);
        int eagerness = 1 + random.nextInt(3);
        Deque<Long> window = new ArrayDeque<>();
        long end = clock.getAsLong() + 22_000_000;
        for (long now = clock.getAsLong(); now < end; now += STEP) {
            clock.set(now);
            for (Replica replica : replicas) {
                replica.way.cut(replica.isCut(now));
                if (now % HEARTBEAT == 0) {
                    replica.limiter.statistics(BOT, limit);
                }
                for (int i = random.nextInt(4 * eagerness); i > 0; i--) {
                    if (replica.limiter.tryAcquire(question) instanceof Allowed) {
                        window.addLast(now);
                    }
                }
            }
            while (!window.isEmpty() && window.getFirst() <= now - windowMillis * 1_000) {
                window.removeFirst();
            }
            assertThat(window).as("in the window until %d", now).hasSizeLessThanOrEqualTo(capacity);
        }
    }

    private List<Replica> replicas(int count, RateLimiter redis, Random random) {
        long now = clock.getAsLong();
        long lost = now + random.nextLong(1_000_000, 4_000_000);
        long found = lost + random.nextLong(50_000, 8_000_000);
        long lostAgain = found + random.nextLong(0, 4_000_000);
        long foundAgain = lostAgain + random.nextLong(0, 3_000_000);
        var replicas = new ArrayList<Replica>();
        for (int i = 0; i < count; i++) {
            var replica = new Replica(new BreakableLimiter(redis), new LocalShare(() -> count, clock));
            replica.lost[0] = lost + random.nextLong(APART);
            replica.found[0] = found + random.nextLong(APART);
            replica.lost[1] = lostAgain + random.nextLong(APART);
            replica.found[1] = foundAgain + random.nextLong(APART);
            replicas.add(replica);
        }
        return replicas;
    }

    /** What was spent seems long ago to Redis after its clock jumped ahead; this replica knows better. */
    @Property(tries = 30)
    void no_window_admits_more_than_its_number_though_redis_clock_jumps_ahead(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int capacity,
            @ForAll @LongRange(min = 200, max = 3_000) long windowMillis,
            @ForAll @IntRange(min = 1, max = 3) int count) {
        var random = new Random(seed);
        Limit limit = Limit.atMost(capacity, Duration.ofMillis(windowMillis));
        var question = Acquisition.of(new Charge(BOT, limit, 1));
        var itsClock = new SettableMicros();
        var redis = new InMemoryRateLimiter(itsClock);
        var replicas = new ArrayList<RateLimiter>();
        for (int i = 0; i < count; i++) {
            var share = new LocalShare(() -> count, clock);
            replicas.add(
                    new FailoverRateLimiter(redis, share, OnStoreFailure.LOCAL, OutageListener.NONE, tag -> "redis"));
            share.heard("redis", clock.getAsLong(), itsClock.getAsLong());
        }
        // As many as a share holds, of all together; of a share of less than one, one each.
        int most = count == 1 ? capacity : 2 * Math.max(capacity, count);
        Deque<Long> window = new ArrayDeque<>();
        long end = clock.getAsLong() + 12_000_000;
        long jump = clock.getAsLong() + random.nextLong(1_000_000, 5_000_000);
        while (clock.getAsLong() < end) {
            clock.advanceMicros(STEP);
            itsClock.advanceMicros(STEP);
            if (clock.getAsLong() >= jump) {
                itsClock.advance(Duration.ofSeconds(random.nextLong(2, 3_600)));
                jump = clock.getAsLong() + random.nextLong(4_000_000, 9_000_000);
            }
            for (RateLimiter replica : replicas) {
                for (int i = random.nextInt(6); i > 0; i--) {
                    if (replica.tryAcquire(question) instanceof Allowed) {
                        window.addLast(clock.getAsLong());
                    }
                }
            }
            long since = clock.getAsLong() - windowMillis * 1_000;
            while (!window.isEmpty() && window.getFirst() <= since) {
                window.removeFirst();
            }
            assertThat(window).as("in the window until %d", clock.getAsLong()).hasSizeLessThanOrEqualTo(most);
        }
    }

    /** One in W * k / N each: right on average, although the shares of all may fall together. */
    @Property(tries = 10)
    void a_limit_of_fewer_than_the_replicas_is_kept_on_average(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 2) int capacity) {
        var random = new Random(seed);
        Limit limit = Limit.atMost(capacity, Duration.ofSeconds(1));
        var question = Acquisition.of(new Charge(BOT, limit, 1));
        var replicas = new ArrayList<LocalShare>();
        for (int i = 0; i < 3; i++) {
            replicas.add(new LocalShare(() -> 3, clock));
            replicas.getLast().outageBegan();
        }
        long began = clock.getAsLong();
        int admitted = 0;
        while (clock.getAsLong() < began + 31_000_000) {
            clock.advanceMicros(random.nextLong(STEP));
            for (LocalShare replica : replicas) {
                admitted += replica.tryAcquire(question) instanceof Allowed ? 1 : 0;
            }
        }
        assertThat(admitted).isBetween(26 * capacity, 30 * capacity);
    }
}
