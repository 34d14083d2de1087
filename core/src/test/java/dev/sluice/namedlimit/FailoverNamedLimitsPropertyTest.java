package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisUnavailableException;
import java.io.IOException;
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

/** Replicas lose and find the store at different moments: what they let pass together is what counts, in whatever weights. */
class FailoverNamedLimitsPropertyTest {
    private static final long STEP = 20_000;
    private static final long HEARTBEAT = 100_000;

    /** With a heartbeat more, less than {@link LocalShare#SKEW}. */
    private static final long APART = 850_000;

    private final SettableMicros clock = new SettableMicros();

    /** A passage that was charged. */
    private record Charged(long at, int weight) {}

    private final class Replica {
        final long lost;
        final long found;
        final NamedLimits limits;

        Replica(NamedLimits store, int replicas, long lost, long found) {
            this.lost = lost;
            this.found = found;
            this.limits = new FailoverNamedLimits(
                    new CutNamedLimits(store, this::reach),
                    LocalShare.bounded(() -> replicas, clock, 100),
                    OnStoreFailure.LOCAL,
                    OutageListener.NONE);
        }

        private void reach() {
            long now = clock.getAsLong();
            if (now >= lost && now < found) {
                throw new RedisUnavailableException("cut", false, new IOException("cut"));
            }
        }

        void beat() {
            try {
                limits.find("api");
            } catch (RedisUnavailableException e) {
                // noticed, which is what it is for
            }
        }
    }

    @Property(tries = 40)
    void no_window_over_all_replicas_lets_more_pass_than_its_limit(
            @ForAll long seed,
            @ForAll @IntRange(min = 6, max = 12) int count,
            @ForAll @LongRange(min = 200, max = 3_000) long windowMillis,
            @ForAll boolean alone) {
        var random = new Random(seed);
        var store = new InMemoryNamedLimits(clock, 100);
        store.define(NamedLimit.atMost("api", count, Duration.ofMillis(windowMillis)));
        List<Replica> replicas = replicas(alone ? 1 : 3, store, random);
        Deque<Charged> window = new ArrayDeque<>();
        long end = clock.getAsLong() + 16_000_000;
        for (long now = clock.getAsLong(); now < end; now += STEP) {
            clock.set(now);
            for (Replica replica : replicas) {
                if (now % HEARTBEAT == 0) {
                    replica.beat();
                }
                for (int i = random.nextInt(4); i > 0; i--) {
                    // No more than a share: what costs more than that waits for an empty window and fills several.
                    int weight = 1 + random.nextInt(2);
                    if (replica.limits.acquire(Use.of("api").weighing(weight)).passes()) {
                        window.addLast(new Charged(now, weight));
                    }
                }
            }
            while (!window.isEmpty() && window.getFirst().at() <= now - windowMillis * 1_000) {
                window.removeFirst();
            }
            assertThat(window.stream().mapToInt(Charged::weight).sum())
                    .as("in the window until %d", now)
                    .isLessThanOrEqualTo(count);
        }
    }

    private List<Replica> replicas(int number, NamedLimits store, Random random) {
        long lost = clock.getAsLong() + random.nextLong(1_000_000, 4_000_000);
        long found = lost + random.nextLong(1_000_000, 8_000_000);
        var replicas = new ArrayList<Replica>();
        for (int i = 0; i < number; i++) {
            replicas.add(new Replica(store, number, lost + random.nextLong(APART), found + random.nextLong(APART)));
        }
        return replicas;
    }
}
