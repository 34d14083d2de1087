package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How every cache loads what it does not have, for many at once and amid changes. */
abstract class CacheLoadsContract extends CachesFixture {
    Cache<String> cache;

    @BeforeEach
    void openCache() {
        cache = caches.open(MINUTE, CacheCodec.TEXT);
    }

    @Test
    void a_slow_loader_overwrites_no_newer_invalidation_and_nobody_who_comes_later_shares_it() throws Exception {
        slowLoaderMeets(() -> cache.invalidate(ALICE));
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("new");
    }

    @Test
    void a_slow_loader_overwrites_no_value_that_was_put_since() throws Exception {
        slowLoaderMeets(() -> cache.put(ALICE, "new"));
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("new");
    }

    private void slowLoaderMeets(Runnable change) throws Exception {
        var loading = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Optional<String>> early = threads.submit(() -> cache.get(ALICE, () -> {
                loading.countDown();
                go.await();
                return Optional.of("old");
            }));
            loading.await();
            change.run();
            assertThat(cache.get(ALICE, () -> Optional.of("new")))
                    .as("who comes later loads, or reads what was put")
                    .contains("new");
            go.countDown();
            assertThat(early.get(20, TimeUnit.SECONDS)).isNotEmpty();
        }
    }

    @Test
    void of_many_who_miss_one_key_at_once_one_loads() throws Exception {
        var loads = new AtomicInteger();
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = new ArrayList<Future<Optional<String>>>();
            for (int i = 0; i < 500; i++) {
                readers.add(threads.submit(() -> cache.get(ALICE, () -> {
                    loads.incrementAndGet();
                    go.await();
                    return Optional.of("a");
                })));
            }
            await().atMost(PATIENCE).until(() -> loads.get() > 0);
            go.countDown();
            for (var reader : readers) {
                assertThat(reader.get(20, TimeUnit.SECONDS)).contains("a");
            }
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void who_comes_just_as_a_load_ends_loads_nothing_again() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                CacheKey key = CacheKey.of(i);
                var loads = new AtomicInteger();
                var readers = new ArrayList<Future<Optional<String>>>();
                for (int reader = 0; reader < 8; reader++) {
                    readers.add(threads.submit(
                            () -> cache.get(key, () -> Optional.of(Integer.toString(loads.incrementAndGet())))));
                }
                for (var reader : readers) {
                    assertThat(reader.get(20, TimeUnit.SECONDS)).contains("1");
                }
            }
        }
    }

    @Test
    void a_load_that_takes_too_long_is_given_up_and_interrupted() throws Exception {
        var brief = caches.open(
                CacheSettings.of("brief", Duration.ofMinutes(1)).withWithin(Duration.ofSeconds(1)), CacheCodec.TEXT);
        var interrupted = new CompletableFuture<Void>();
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> brief.get(ALICE, () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.complete(null);
                    }
                    return Optional.of("too late");
                }))
                .satisfies(e -> assertThat(e.late()).isTrue());
        interrupted.get(20, TimeUnit.SECONDS);
        assertThat(brief.get(ALICE, () -> Optional.of("a"))).contains("a");
    }

    @Test
    void who_joined_one_whose_time_ran_out_goes_on_in_the_time_that_is_left_and_is_counted_once() throws Exception {
        var brief = caches.open(
                CacheSettings.of("brief", Duration.ofMinutes(1)).withWithin(Duration.ofSeconds(4)), CacheCodec.TEXT);
        var loading = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> brief.get(ALICE, () -> {
                loading.countDown();
                new CountDownLatch(1).await();
                return Optional.of("never");
            }));
            loading.await();
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            Future<Optional<String>> one = threads.submit(() -> brief.get(ALICE, () -> Optional.of("a")));
            Future<Map<CacheKey, String>> several =
                    threads.submit(() -> brief.getAll(List.of(ALICE, BOB), CacheLoadsContract::values));
            assertThatThrownBy(first::get).hasCauseInstanceOf(LoadFailedException.class);
            assertThat(one.get(20, TimeUnit.SECONDS)).isNotEmpty();
            assertThat(several.get(20, TimeUnit.SECONDS)).containsOnlyKeys(ALICE, BOB);
        }
        CacheStatistics counted = brief.statistics();
        assertThat(counted.errors()).isEqualTo(1);
        assertThat(counted.localHits() + counted.redisHits() + counted.misses()).isEqualTo(3);
    }

    @Test
    void a_loader_that_gives_nothing_at_all_or_what_cannot_be_kept_has_failed() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(LoadFailedException.class)
                    .isThrownBy(() -> cache.get(ALICE, CachesFixture::nothingAtAll))
                    .withCauseInstanceOf(NullPointerException.class);
        }
        var unkept = caches.open(CacheSettings.of("unkept", Duration.ofMinutes(1)), encodingOnly("nothing"));
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(LoadFailedException.class)
                    .isThrownBy(() -> unkept.get(ALICE, () -> Optional.of("a")))
                    .withCauseInstanceOf(IllegalStateException.class);
        }
        assertThat(unkept.statistics().failedLoads()).isEqualTo(2);
        assertThat(cache.statistics().failedLoads()).isEqualTo(2);
        assertThat(cache.get(ALICE, () -> Optional.of("a"))).contains("a");
    }

    @Test
    void a_reader_who_leaves_does_not_end_the_load_for_others() throws Exception {
        var loading = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> leaving = threads.submit(() -> cache.get(ALICE, () -> {
                loading.countDown();
                go.await();
                return Optional.of("a");
            }));
            loading.await();
            Future<Optional<String>> staying = threads.submit(() -> cache.get(ALICE, CachesFixture::never));
            leaving.cancel(true);
            go.countDown();
            assertThat(staying.get(20, TimeUnit.SECONDS)).contains("a");
        }
    }

    @Test
    void shortly_before_its_end_a_value_is_renewed_while_readers_get_it_at_once() throws Exception {
        cache.get(ALICE, () -> {
            LockSupport.parkNanos(5_000_000);
            return Optional.of("old");
        });
        advance(Duration.ofMinutes(1).minusMillis(10));
        assertThat(cache.get(ALICE, CachesFixture::never))
                .as("chance is against it")
                .contains("old");

        chance(0.999); // 7 times what it took to load, before its end
        var renewed = new CountDownLatch(1);
        assertThat(cache.get(ALICE, () -> {
                    renewed.countDown();
                    return Optional.of("new");
                }))
                .contains("old");
        assertThat(renewed.await(20, TimeUnit.SECONDS)).isTrue();
        chance(0);
        await().atMost(PATIENCE)
                .until(() -> cache.get(ALICE, CachesFixture::never).equals(Optional.of("new")));
        advance(Duration.ofSeconds(30));
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("new");
    }

    @Test
    void a_renewal_that_fails_leaves_the_value_as_it_is() throws Exception {
        cache.get(ALICE, () -> {
            LockSupport.parkNanos(5_000_000);
            return Optional.of("old");
        });
        advance(Duration.ofMinutes(1).minusMillis(10));
        chance(0.999);
        assertThat(cache.get(ALICE, CachesFixture::failing)).contains("old");
        await().atMost(PATIENCE).until(() -> cache.statistics().failedLoads() == 1);
        assertThat(cache.get(ALICE, CachesFixture::failing)).contains("old");
        assertThat(cache.statistics().errors()).isZero();
    }

    @Test
    void of_several_keys_those_that_miss_are_loaded_together() throws Exception {
        cache.get(CacheKey.of(2), () -> Optional.of("2"));
        var asked = new ArrayList<Collection<CacheKey>>();
        Cache.BulkLoader<String> loader = keys -> {
            asked.add(keys);
            return values(keys);
        };
        List<CacheKey> wanted = List.of(CacheKey.of(1), CacheKey.of(2), CacheKey.of(3), CacheKey.of(1), CacheKey.of(0));
        assertThat(cache.getAll(wanted, loader))
                .containsExactly(
                        Map.entry(CacheKey.of(1), "1"), Map.entry(CacheKey.of(2), "2"), Map.entry(CacheKey.of(3), "3"));
        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst()).containsExactlyInAnyOrder(CacheKey.of(0), CacheKey.of(1), CacheKey.of(3));

        assertThat(cache.getAll(wanted, loader)).hasSize(3);
        assertThat(asked).as("that there is none is known, too").hasSize(1);
        assertThat(cache.getAll(List.of(), loader)).isEmpty();
    }

    @Test
    void many_who_ask_for_overlapping_keys_at_once_load_each_once() throws Exception {
        var loaded = new LinkedHashMap<CacheKey, Integer>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = new ArrayList<Future<Map<CacheKey, String>>>();
            for (int i = 0; i < 20; i++) {
                List<CacheKey> keys =
                        LongStream.range(i, i + 30).mapToObj(CacheKey::of).toList();
                readers.add(threads.submit(() -> cache.getAll(keys, missing -> {
                    synchronized (loaded) {
                        missing.forEach(key -> loaded.merge(key, 1, Integer::sum));
                    }
                    return values(missing);
                })));
            }
            for (var reader : readers) {
                assertThat(reader.get(20, TimeUnit.SECONDS)).hasSizeGreaterThanOrEqualTo(29);
            }
        }
        assertThat(loaded)
                .hasSize(49)
                .allSatisfy((key, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void a_bulk_load_that_fails_fails_for_all_its_keys() {
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> cache.getAll(List.of(ALICE, BOB), keys -> {
                    throw new IllegalStateException("broken");
                }))
                .withCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void readers_and_invalidators_at_once_never_read_what_was_invalidated() throws Exception {
        var truth = new AtomicLong();
        var invalidated = new AtomicLong();
        var ended = new CountDownLatch(1);
        Cache.Loader<String> loader = () -> {
            String value = truth.toString();
            LockSupport.parkNanos(1_000);
            return Optional.of(value);
        };
        // Not virtual ones: who only reads copies never lets go of its carrier.
        try (var threads = Executors.newFixedThreadPool(4)) {
            var readers = new ArrayList<Future<Long>>();
            try {
                for (int i = 0; i < 4; i++) {
                    readers.add(threads.submit(() -> {
                        long reads = 0;
                        for (; ended.getCount() > 0; reads++) {
                            long before = invalidated.get();
                            long read = Long.parseLong(cache.get(ALICE, loader).orElseThrow());
                            assertThat(read).isGreaterThanOrEqualTo(before);
                        }
                        return reads;
                    }));
                }
                for (long i = 1; i <= 300; i++) {
                    truth.set(i);
                    cache.invalidate(ALICE);
                    invalidated.set(i);
                    cache.get(ALICE, loader);
                }
            } finally {
                ended.countDown();
            }
            for (var reader : readers) {
                assertThat(reader.get(20, TimeUnit.SECONDS)).isPositive();
            }
        }
    }

    private static Map<CacheKey, String> values(Collection<CacheKey> keys) {
        var values = new LinkedHashMap<CacheKey, String>();
        keys.stream().filter(key -> !key.equals(CacheKey.of(0))).forEach(key -> values.put(key, key.name()));
        return values;
    }
}
