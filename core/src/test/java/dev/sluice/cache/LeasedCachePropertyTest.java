package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cache.LeasedAnswer.Busy;
import dev.sluice.cache.LeasedAnswer.Found;
import dev.sluice.cache.LeasedAnswer.Load;
import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * What callers ask, bring, renew, give up, put and delete, in any order, against the plainest model: a value and its end, a lease and its
 * end, of which whoever writes or forgets takes both away. On Redis by two replicas, which rely on no copies.
 */
class LeasedCachePropertyTest {
    private static final Duration TTL = Duration.ofSeconds(20);
    private static final Duration NEGATIVE_TTL = Duration.ofSeconds(5);
    private static final CacheSettings SETTINGS = CacheSettings.of("user", TTL)
            .withNegativeTtl(NEGATIVE_TTL)
            .withGrace(Duration.ZERO)
            .withLease(LeasedCache.USUAL_LEASE);

    enum Kind {
        ASK,
        FILL,
        FILL_NONE,
        RENEW,
        FAIL,
        PUT,
        INVALIDATE,
        LATER
    }

    /**
     * A step.
     *
     * @param lease how many leases ago the one was given that is used
     */
    record Step(Kind kind, int replica, int key, int lease, int millis) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(8, Kind.ASK),
                Tuple.of(5, Kind.FILL),
                Tuple.of(2, Kind.FILL_NONE),
                Tuple.of(2, Kind.RENEW),
                Tuple.of(1, Kind.FAIL),
                Tuple.of(1, Kind.PUT),
                Tuple.of(2, Kind.INVALIDATE),
                Tuple.of(4, Kind.LATER));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(1, 6_000))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Property(tries = 150)
    void in_memory_it_does_as_the_model(@ForAll("steps") List<Step> steps) throws Exception {
        var nanos = new AtomicLong();
        try (var caches = Caches.inMemory(nanos::get, () -> 0)) {
            LeasedCache<String> cache = caches.openLeased(SETTINGS, CacheCodec.TEXT);
            new Run(List.of(cache, cache), nanos, time -> {}).all(steps);
        }
    }

    @Property(tries = 150)
    void on_redis_two_replicas_do_as_the_model(@ForAll("steps") List<Step> steps) throws Exception {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        TestClockRunner clock = redis.clockRunner().withLongerTtls();
        var nanos = new AtomicLong();
        try (var one = deaf(clock, nanos);
                var other = deaf(clock, nanos)) {
            new Run(
                            List.of(
                                    one.openLeased(SETTINGS, CacheCodec.TEXT),
                                    other.openLeased(SETTINGS, CacheCodec.TEXT)),
                            nanos,
                            clock::advance)
                    .all(steps);
        }
    }

    private static Caches deaf(TestClockRunner clock, AtomicLong nanos) {
        return Caches.onRedis(
                clock, (prefixes, channel, watcher) -> () -> {}, KeySpace.DEFAULT, Sealer.NONE, nanos::get, () -> 0);
    }

    private interface Clock {
        void advance(Duration time);
    }

    /** What is known of a key. */
    private static final class Model {
        final List<String> leases = new ArrayList<>();
        Optional<String> value = Optional.empty();
        long holdsUntil;
        String lease = "";
        long leaseUntil;

        void keep(Optional<String> kept, long now) {
            value = kept;
            holdsUntil = now + (kept.isPresent() ? TTL : NEGATIVE_TTL).toMillis();
            lease = "";
        }
    }

    private static final class Run {
        private final List<LeasedCache<String>> replicas;
        private final AtomicLong nanos;
        private final Clock clock;
        private final Map<Integer, Model> models = new HashMap<>();
        private long now;
        private int written;

        Run(List<LeasedCache<String>> replicas, AtomicLong nanos, Clock clock) {
            this.replicas = replicas;
            this.nanos = nanos;
            this.clock = clock;
        }

        void all(List<Step> steps) throws Exception {
            for (Step step : steps) {
                one(step);
            }
        }

        private void one(Step step) throws Exception {
            LeasedCache<String> cache = replicas.get(step.replica());
            Model model = models.computeIfAbsent(step.key(), key -> new Model());
            CacheKey key = CacheKey.of(step.key());
            String lease = model.leases.size() > step.lease()
                    ? model.leases.get(model.leases.size() - 1 - step.lease())
                    : LocalLeases.newId();
            switch (step.kind()) {
                case ASK -> ask(cache, key, model);
                case FILL -> {
                    Optional<String> value = Optional.of(Integer.toString(++written));
                    if (agreed(model, lease, cache.fill(key, lease, value))) {
                        model.keep(value, now);
                    }
                }
                case FILL_NONE -> {
                    if (agreed(model, lease, cache.fill(key, lease, Optional.empty()))) {
                        model.keep(Optional.empty(), now);
                    }
                }
                case RENEW -> {
                    if (agreed(model, lease, cache.renew(key, lease))) {
                        model.leaseUntil = now + LeasedCache.USUAL_LEASE.toMillis();
                    }
                }
                case FAIL -> {
                    cache.fail(key, lease);
                    if (model.lease.equals(lease)) {
                        model.lease = "";
                    }
                }
                case PUT -> {
                    String value = Integer.toString(++written);
                    assertThat(cache.cache().put(key, value)).isTrue();
                    model.keep(Optional.of(value), now);
                }
                case INVALIDATE -> {
                    assertThat(cache.cache().invalidate(key)).isTrue();
                    model.holdsUntil = now;
                    model.lease = "";
                }
                case LATER -> {
                    now += step.millis();
                    nanos.addAndGet(Duration.ofMillis(step.millis()).toNanos());
                    clock.advance(Duration.ofMillis(step.millis()));
                }
            }
        }

        private void ask(LeasedCache<String> cache, CacheKey key, Model model) throws InterruptedException {
            LeasedAnswer<String> answer = cache.ask(key, Duration.ZERO, false, LeasedCacheContract.STAYS);
            if (now < model.holdsUntil) {
                assertThat(answer)
                        .isEqualTo(new Found<>(
                                model.value, Duration.ofMillis(model.holdsUntil - now), false, Optional.empty()));
            } else if (!model.lease.isEmpty() && now < model.leaseUntil) {
                assertThat(answer).isEqualTo(new Busy<>(Duration.ofMillis(model.leaseUntil - now)));
            } else {
                assertThat(answer).isInstanceOf(Load.class);
                String lease = ((Load<String>) answer).lease().orElseThrow().id();
                assertThat(model.leases).doesNotContain(lease);
                model.leases.add(lease);
                model.lease = lease;
                model.leaseUntil = now + LeasedCache.USUAL_LEASE.toMillis();
            }
        }

        /** Between a lease's end and the next one who asks, Redis may still have it, by a clock that the test does not set. */
        private boolean agreed(Model model, String lease, FillAnswer answer) {
            if (!model.lease.equals(lease)) {
                assertThat(answer).isEqualTo(FillAnswer.REFUSED);
            } else if (now < model.leaseUntil) {
                assertThat(answer).isEqualTo(FillAnswer.DONE);
            }
            return answer == FillAnswer.DONE;
        }
    }
}
