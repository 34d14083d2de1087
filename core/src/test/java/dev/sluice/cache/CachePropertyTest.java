package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Random interleavings of reads, slow loads, writes, invalidations, news that is late and links that break, on two replicas, against
 * the plainest model: a read gets nothing older than the last change its replica can have heard of, its own ones included.
 */
class CachePropertyTest {
    private static final CacheSettings SETTINGS =
            CacheSettings.of("user", Duration.ofMinutes(1)).withWithin(Duration.ofSeconds(20));

    enum Kind {
        READ,
        BEGIN_LOAD,
        END_LOAD,
        PUT,
        INVALIDATE,
        DELIVER,
        LINK,
        LATER
    }

    record Step(Kind kind, int replica, int key) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(8, Kind.READ),
                Tuple.of(4, Kind.BEGIN_LOAD),
                Tuple.of(4, Kind.END_LOAD),
                Tuple.of(2, Kind.PUT),
                Tuple.of(4, Kind.INVALIDATE),
                Tuple.of(3, Kind.DELIVER),
                Tuple.of(1, Kind.LINK),
                Tuple.of(1, Kind.LATER));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.integers().between(0, 1))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Property(tries = 150)
    void nobody_reads_what_is_older_than_a_change_that_was_heard_of_on_redis(@ForAll("steps") List<Step> steps)
            throws Exception {
        new Run(true).all(steps);
    }

    @Property(tries = 150)
    void nobody_reads_what_is_older_than_a_change_that_was_heard_of_in_memory(@ForAll("steps") List<Step> steps)
            throws Exception {
        new Run(false).all(steps);
    }

    /** A read whose loader waits. */
    private record Slow(CountDownLatch go, CompletableFuture<Long> read, long floor) {}

    private static final class Run {
        private final AtomicLong nanos = new AtomicLong();
        /** When values are loaded and changes made. */
        private final AtomicLong version = new AtomicLong();

        private final Optional<TestClockRunner> clock;
        private final HeldNews.Line[] lines = new HeldNews.Line[2];
        private final Caches[] processes = new Caches[2];
        private final List<Cache<String>> caches;
        private final long[] changed = new long[2];
        private final long[][] heard = new long[2][2];
        private final Map<Integer, Slow> slow = new HashMap<>();

        Run(boolean onRedis) {
            SharedRedis redis = RedisFixture.shared();
            clock = onRedis ? Optional.of(redis.clockRunner().withLongerTtls()) : Optional.empty();
            if (onRedis) {
                redis.flush();
                var news = new HeldNews(clock.orElseThrow());
                for (int i = 0; i < 2; i++) {
                    lines[i] = news.new Line();
                    processes[i] = Caches.onRedis(news, lines[i], KeySpace.DEFAULT, Sealer.NONE, nanos::get, () -> 0.5);
                    lines[i].up();
                }
            } else {
                processes[0] = Caches.inMemory(nanos::get, () -> 0.5);
                processes[1] = processes[0];
            }
            Cache<String> first = processes[0].open(SETTINGS, CacheCodec.TEXT);
            caches = List.of(first, onRedis ? processes[1].open(SETTINGS, CacheCodec.TEXT) : first);
        }

        void all(List<Step> steps) throws Exception {
            try {
                for (Step step : steps) {
                    take(step);
                }
                for (int key = 0; key < 2; key++) {
                    end(key);
                }
                for (int at = 0; at < 4; at++) {
                    deliver(at / 2);
                    read(at / 2, at % 2);
                }
            } finally {
                slow.values().forEach(load -> load.go().countDown());
                processes[0].close();
                processes[1].close();
            }
        }

        private void take(Step step) throws Exception {
            switch (step.kind()) {
                case READ -> read(step.replica(), step.key());
                case BEGIN_LOAD -> begin(step.replica(), step.key());
                case END_LOAD -> end(step.key());
                case PUT -> {
                    long value = version.incrementAndGet();
                    assertThat(caches.get(step.replica()).put(CacheKey.of(step.key()), Long.toString(value)))
                            .isTrue();
                    change(step.replica(), step.key(), value);
                }
                case INVALIDATE -> {
                    long at = version.incrementAndGet();
                    assertThat(caches.get(step.replica()).invalidate(CacheKey.of(step.key())))
                            .isTrue();
                    change(step.replica(), step.key(), at);
                }
                case DELIVER -> deliver(step.replica());
                case LINK -> turn(step.replica());
                case LATER -> {
                    nanos.addAndGet(Duration.ofSeconds(40).toNanos());
                    clock.ifPresent(redis -> redis.advance(Duration.ofSeconds(40)));
                }
            }
        }

        private void change(int replica, int key, long at) {
            changed[key] = at;
            heard[replica][key] = at;
            if (clock.isEmpty()) {
                heard[1 - replica][key] = at;
            }
        }

        /** Without a link Redis is asked each time, so that everything is heard of. */
        private long floor(int replica, int key) {
            return lines[replica] != null && !lines[replica].isUp() ? changed[key] : heard[replica][key];
        }

        private void read(int replica, int key) throws Exception {
            if (slow.containsKey(key)) {
                return; // it would wait for it
            }
            long floor = floor(replica, key);
            long value = value(caches.get(replica)
                    .get(CacheKey.of(key), () -> Optional.of(Long.toString(version.incrementAndGet()))));
            assertThat(value).isGreaterThanOrEqualTo(floor);
        }

        private void begin(int replica, int key) throws Exception {
            if (slow.containsKey(key)) {
                return;
            }
            var started = new CompletableFuture<Void>();
            var load = new Slow(new CountDownLatch(1), new CompletableFuture<>(), floor(replica, key));
            Thread.ofVirtual().start(() -> {
                try {
                    load.read.complete(value(caches.get(replica).get(CacheKey.of(key), () -> {
                        String value = Long.toString(version.incrementAndGet());
                        started.complete(null);
                        load.go.await();
                        return Optional.of(value);
                    })));
                } catch (InterruptedException | RuntimeException e) {
                    load.read.completeExceptionally(e);
                }
            });
            CompletableFuture.anyOf(started, load.read).get(20, TimeUnit.SECONDS);
            slow.put(key, load);
            overtake(load, replica, key);
        }

        /** While it loads, somebody changes the value, on either replica, and is read there before the load ends. */
        private void overtake(Slow load, int replica, int key) throws Exception {
            if (version.get() % 2 == 0 || load.read().isDone()) {
                return;
            }
            int other = version.get() % 4 == 1 ? replica : 1 - replica;
            slow.remove(key);
            take(new Step(Kind.INVALIDATE, other, key));
            read(other, key);
            slow.put(key, load);
        }

        private void end(int key) throws Exception {
            Slow load = slow.remove(key);
            if (load != null) {
                load.go().countDown();
                assertThat(load.read().get(20, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(load.floor());
            }
        }

        private void deliver(int replica) {
            if (lines[replica] != null && lines[replica].isUp()) {
                lines[replica].deliver();
                heard[replica] = changed.clone();
            }
        }

        private void turn(int replica) {
            if (lines[replica] == null) {
                return;
            }
            if (lines[replica].isUp()) {
                lines[replica].down();
            } else {
                lines[replica].up();
                heard[replica] = changed.clone();
            }
        }

        private static long value(Optional<String> text) {
            return Long.parseLong(text.orElseThrow());
        }
    }
}
