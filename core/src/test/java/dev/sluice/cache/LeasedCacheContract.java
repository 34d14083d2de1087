package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cache.LeasedAnswer.Busy;
import dev.sluice.cache.LeasedAnswer.Found;
import dev.sluice.cache.LeasedAnswer.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every cache that its callers fill keeps to, on a clock that the test sets. */
abstract class LeasedCacheContract extends CachesFixture {
    static final CacheSettings LEASED = MINUTE.withLease(LeasedCache.USUAL_LEASE);
    static final CompletableFuture<Void> STAYS = new CompletableFuture<>();

    LeasedCache<String> cache;

    @BeforeEach
    void openCache() {
        cache = caches.openLeased(LEASED, CacheCodec.TEXT);
    }

    final LeasedAnswer<String> ask(CacheKey key) throws InterruptedException {
        return cache.ask(key, Duration.ZERO, false, STAYS);
    }

    /** The lease of a key that nobody has. */
    final String lease(CacheKey key) throws InterruptedException {
        return leaseOf(ask(key));
    }

    static String leaseOf(LeasedAnswer<String> answer) {
        assertThat(answer).isInstanceOf(Load.class);
        return ((Load<String>) answer).lease().orElseThrow().id();
    }

    static Optional<String> valueOf(LeasedAnswer<String> answer) {
        assertThat(answer).isInstanceOf(Found.class);
        return ((Found<String>) answer).value();
    }

    @Test
    void who_misses_loads_while_others_wait_and_then_all_read_it() throws Exception {
        String lease = lease(ALICE);
        assertThat(lease).matches(FillLease.FORM);
        assertThat(ask(ALICE)).isEqualTo(new Busy<>(LeasedCache.USUAL_LEASE));
        assertThat(lease(BOB)).isNotEqualTo(lease);

        assertThat(cache.fill(ALICE, lease, Optional.of("a"))).isEqualTo(FillAnswer.DONE);
        for (int i = 0; i < 2; i++) {
            assertThat(valueOf(ask(ALICE))).contains("a");
        }
        assertThat(cache.fill(ALICE, lease, Optional.of("twice"))).isEqualTo(FillAnswer.REFUSED);
        assertThat(valueOf(ask(ALICE))).contains("a");
        CacheStatistics counted = cache.cache().statistics();
        assertThat(counted.loads()).isEqualTo(2);
        assertThat(counted.misses()).isEqualTo(2);
        assertThat(counted.localHits() + counted.redisHits()).isEqualTo(3);
        assertThat(counted.errors()).as("who was told to come back").isEqualTo(1);
        assertThat(counted.refused()).isEqualTo(1);
    }

    @Test
    void a_value_holds_for_its_ttl_and_that_there_is_none_for_a_time_of_its_own() throws Exception {
        cache.fill(ALICE, lease(ALICE), Optional.of("a"));
        cache.fill(BOB, lease(BOB), Optional.empty());
        advance(Duration.ofSeconds(10).minusMillis(1));
        assertThat(valueOf(ask(BOB))).isEmpty();
        assertThat(((Found<String>) ask(ALICE)).holds()).isEqualTo(Duration.ofMillis(50_001));
        advance(Duration.ofMillis(1));
        assertThat(ask(BOB)).isInstanceOf(Load.class);
        advance(Duration.ofSeconds(50));
        assertThat(ask(ALICE)).isInstanceOf(Load.class);
    }

    @Test
    void a_slow_filler_overwrites_no_newer_invalidation_and_nobody_waits_for_it() throws Exception {
        String slow = lease(ALICE);
        assertThat(cache.cache().invalidate(ALICE)).isTrue();
        String later = lease(ALICE);
        assertThat(cache.fill(ALICE, slow, Optional.of("old"))).isEqualTo(FillAnswer.REFUSED);
        assertThat(cache.renew(ALICE, slow)).isEqualTo(FillAnswer.REFUSED);
        assertThat(cache.fill(ALICE, later, Optional.of("new"))).isEqualTo(FillAnswer.DONE);
        assertThat(valueOf(ask(ALICE))).contains("new");
    }

    @Test
    void a_slow_filler_overwrites_no_value_that_was_put_since() throws Exception {
        String slow = lease(ALICE);
        assertThat(cache.cache().put(ALICE, "new")).isTrue();
        assertThat(cache.fill(ALICE, slow, Optional.of("old"))).isEqualTo(FillAnswer.REFUSED);
        assertThat(valueOf(ask(ALICE))).contains("new");
    }

    @Test
    void the_lease_of_a_filler_that_died_passes_on() throws Exception {
        String dead = lease(ALICE);
        advance(LeasedCache.USUAL_LEASE.minusMillis(1));
        assertThat(ask(ALICE)).isEqualTo(new Busy<>(Duration.ofMillis(1)));
        advance(Duration.ofMillis(1));
        String next = lease(ALICE);
        assertThat(cache.fill(ALICE, dead, Optional.of("late"))).isEqualTo(FillAnswer.REFUSED);
        assertThat(cache.fill(ALICE, next, Optional.of("a"))).isEqualTo(FillAnswer.DONE);
    }

    @Test
    void a_lease_that_is_renewed_lasts_on() throws Exception {
        String lease = lease(ALICE);
        // Right after it was given, too.
        for (long after : new long[] {2, 3_000, 3_999}) {
            advance(Duration.ofMillis(after));
            assertThat(cache.renew(ALICE, lease)).isEqualTo(FillAnswer.DONE);
            assertThat(ask(ALICE)).isEqualTo(new Busy<>(LeasedCache.USUAL_LEASE));
        }
        assertThat(cache.fill(ALICE, lease, Optional.of("a"))).isEqualTo(FillAnswer.DONE);
    }

    @Test
    void who_could_not_load_leaves_it_to_the_next_one() throws Exception {
        String lease = lease(ALICE);
        cache.fail(ALICE, lease);
        assertThat(cache.cache().statistics().failedLoads()).isEqualTo(1);
        String next = lease(ALICE);
        cache.fail(ALICE, lease);
        assertThat(ask(ALICE)).as("the lease was not the first one's").isInstanceOf(Busy.class);
        assertThat(cache.fill(ALICE, next, Optional.of("a"))).isEqualTo(FillAnswer.DONE);
    }

    @Test
    void an_old_value_is_told_to_who_loads_and_stands_in_for_who_waits_until_its_grace_is_over() throws Exception {
        cache.fill(ALICE, lease(ALICE), Optional.of("old"));
        advance(Duration.ofSeconds(65));
        var load = (Load<String>) ask(ALICE);
        assertThat(load.old()).contains("old");
        var found = (Found<String>) ask(ALICE);
        assertThat(found.value()).contains("old");
        assertThat(found.stale()).isTrue();
        assertThat(cache.cache().statistics().stale()).isEqualTo(1);
        advance(Duration.ofSeconds(25));
        assertThat(((Load<String>) ask(ALICE)).old()).isEmpty();
    }

    @Test
    void an_old_value_that_was_invalidated_stands_in_for_nothing() throws Exception {
        cache.fill(ALICE, lease(ALICE), Optional.of("old"));
        advance(Duration.ofSeconds(65));
        String lease = lease(ALICE);
        cache.cache().invalidate(ALICE);
        cache.fail(ALICE, lease);
        assertThat(((Load<String>) ask(ALICE)).old()).isEmpty();
    }

    @Test
    void shortly_before_its_end_a_value_is_renewed_by_one_who_would_and_read_by_all() throws Exception {
        String lease = lease(ALICE);
        advance(Duration.ofSeconds(2));
        cache.fill(ALICE, lease, Optional.of("old"));
        advance(Duration.ofSeconds(59));
        chance(0.999); // 7 times what it took to load, before its end
        assertThat(((Found<String>) ask(ALICE)).renewal()).isEmpty();
        var early = (Found<String>) cache.ask(ALICE, Duration.ZERO, true, STAYS);
        assertThat(early.value()).contains("old");
        assertThat(early.stale()).isFalse();
        var second = (Found<String>) cache.ask(ALICE, Duration.ZERO, true, STAYS);
        assertThat(second.renewal()).as("one is enough").isEmpty();
        chance(0);
        assertThat(cache.fill(ALICE, early.renewal().orElseThrow().id(), Optional.of("new")))
                .isEqualTo(FillAnswer.DONE);
        assertThat(valueOf(ask(ALICE))).contains("new");
        advance(Duration.ofSeconds(30));
        assertThat(valueOf(ask(ALICE))).contains("new");
        assertThat(cache.cache().statistics().refreshes()).isEqualTo(1);
    }

    @Test
    void of_many_who_ask_at_once_one_loads_and_all_others_wait_for_it() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var told = new AtomicInteger();
            var askers = new ArrayList<Future<Optional<String>>>();
            for (int i = 0; i < 500; i++) {
                askers.add(threads.submit(() -> {
                    LeasedAnswer<String> answer = cache.ask(ALICE, PATIENCE, false, STAYS);
                    if (answer instanceof Load) {
                        told.incrementAndGet();
                        assertThat(cache.fill(ALICE, leaseOf(answer), Optional.of("a")))
                                .isEqualTo(FillAnswer.DONE);
                        return Optional.of("a");
                    }
                    return valueOf(answer);
                }));
            }
            for (var asker : askers) {
                assertThat(asker.get(30, TimeUnit.SECONDS)).contains("a");
            }
            assertThat(told).hasValue(1);
        }
    }

    @Test
    void who_comes_just_as_a_value_is_brought_is_not_told_to_load_it_again() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 300; i++) {
                CacheKey key = CacheKey.of(i);
                var told = new AtomicInteger();
                var askers = new ArrayList<Future<Optional<String>>>();
                for (int asker = 0; asker < 6; asker++) {
                    askers.add(threads.submit(() -> {
                        LeasedAnswer<String> answer = cache.ask(key, PATIENCE, false, STAYS);
                        if (!(answer instanceof Load)) {
                            return valueOf(answer);
                        }
                        Optional<String> value = Optional.of(Integer.toString(told.incrementAndGet()));
                        cache.fill(key, leaseOf(answer), value);
                        return value;
                    }));
                }
                for (var asker : askers) {
                    assertThat(asker.get(30, TimeUnit.SECONDS)).contains("1");
                }
            }
        }
    }

    @Test
    void who_waits_is_told_when_the_load_failed_and_loads() throws Exception {
        String failing = lease(ALICE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<LeasedAnswer<String>> waiting = threads.submit(() -> cache.ask(ALICE, PATIENCE, false, STAYS));
            cache.fail(ALICE, failing);
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isInstanceOf(Load.class);
        }
    }

    @Test
    void who_has_left_gets_no_lease() throws Exception {
        LeasedAnswer<String> unheard = cache.ask(ALICE, Duration.ZERO, false, CompletableFuture.completedFuture(null));
        assertThat(unheard).isInstanceOf(Load.class);
        assertThat(ask(ALICE)).isInstanceOf(Load.class);
    }

    @Test
    void the_same_values_are_read_through_by_programs_of_this_process() throws Exception {
        cache.fill(ALICE, lease(ALICE), Optional.of("a"));
        assertThat(cache.cache().get(ALICE, CachesFixture::never)).contains("a");
        assertThat(cache.cache().get(BOB, () -> Optional.of("b"))).contains("b");
        assertThat(valueOf(ask(BOB))).contains("b");
    }

    @Test
    void writers_and_fillers_at_once_never_leave_what_is_older_than_the_last_invalidation() throws Exception {
        var truth = new AtomicLong();
        var invalidated = new AtomicLong();
        var begun = new CountDownLatch(4);
        var ended = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var fillers = new ArrayList<Future<Long>>();
            for (int i = 0; i < 4; i++) {
                fillers.add(threads.submit(() -> {
                    long reads = 0;
                    for (; ended.getCount() > 0; reads++) {
                        begun.countDown();
                        long before = invalidated.get();
                        switch (cache.ask(ALICE, PATIENCE, false, STAYS)) {
                            case Found<String> found ->
                                assertThat(Long.parseLong(found.value().orElseThrow()))
                                        .isGreaterThanOrEqualTo(before);
                            case Load<String> load -> {
                                String loaded = truth.toString();
                                LockSupport.parkNanos(1_000);
                                var unused = cache.fill(
                                        ALICE, load.lease().orElseThrow().id(), Optional.of(loaded));
                            }
                            case Busy<String> busy -> throw new AssertionError("nobody takes that long");
                        }
                    }
                    return reads;
                }));
            }
            begun.await();
            try {
                for (long i = 1; i <= 300; i++) {
                    truth.set(i);
                    cache.cache().invalidate(ALICE);
                    invalidated.set(i);
                    LockSupport.parkNanos(1_000);
                }
            } finally {
                ended.countDown();
            }
            for (var filler : fillers) {
                assertThat(filler.get(30, TimeUnit.SECONDS)).isPositive();
            }
        }
    }

    @Test
    void a_cache_that_is_off_tells_each_to_load_and_keeps_nothing() throws Exception {
        LeasedCache<String> off = caches.openLeased(
                CacheSettings.of("off", Duration.ofMinutes(1)).withMode(CacheMode.OFF), CacheCodec.TEXT);
        assertThat(off.cache().put(ALICE, "put")).isTrue();
        for (int i = 0; i < 2; i++) {
            assertThat(off.ask(ALICE, PATIENCE, true, STAYS))
                    .isEqualTo(new Load<String>(Optional.empty(), Optional.empty()));
        }
        assertThat(off.fill(ALICE, "any", Optional.of("a"))).isEqualTo(FillAnswer.REFUSED);
        assertThat(off.renew(ALICE, "any")).isEqualTo(FillAnswer.REFUSED);
        off.fail(ALICE, "any");
        assertThat(off.cache().statistics().loads()).isEqualTo(2);
        assertThat(caches.all()).hasSize(2);
    }
}
