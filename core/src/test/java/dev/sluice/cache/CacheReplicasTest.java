package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.cache.Caches.Hearing;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several processes on one Redis, and what keeps them apart. */
class CacheReplicasTest {
    private static final Duration PATIENCE = Replica.PATIENCE;
    private static final CacheKey ALICE = CacheKey.of(42);
    private static final CacheSettings TEN_MINUTES =
            CacheSettings.of("user", Duration.ofMinutes(10)).withWithin(PATIENCE);

    @Test
    void a_thousand_misses_of_one_key_on_three_replicas_load_once() throws Exception {
        var loads = new AtomicInteger();
        var go = new CountDownLatch(1);
        try (var redis = RedisFixture.start();
                var one = Replica.at(redis.port(), TEN_MINUTES);
                var two = Replica.at(redis.port(), TEN_MINUTES);
                var three = Replica.at(redis.port(), TEN_MINUTES);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Replica> replicas = List.of(one, two, three);
            var readers = new ArrayList<Future<Optional<String>>>();
            for (int i = 0; i < 1_000; i++) {
                Replica replica = replicas.get(i % 3);
                readers.add(threads.submit(() -> replica.cache.get(ALICE, () -> {
                    loads.incrementAndGet();
                    go.await();
                    return Optional.of("a");
                })));
            }
            await().atMost(PATIENCE).until(() -> loads.get() > 0);
            go.countDown();
            for (var reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).contains("a");
            }
            assertThat(loads).hasValue(1);
            assertThat(replicas.stream()
                            .mapToLong(replica -> replica.cache.statistics().waited())
                            .sum())
                    .isGreaterThanOrEqualTo(999
                            - replicas.stream()
                                    .mapToLong(replica ->
                                            replica.cache.statistics().localHits()
                                                    + replica.cache.statistics().redisHits())
                                    .sum());
        }
    }

    @Test
    void an_invalidation_reaches_the_copies_of_all_others() throws Exception {
        try (var redis = RedisFixture.start();
                var one = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING);
                var two = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING)) {
            invalidationsReach(one, two);
            redis.tell("DEL sluice:cache:{42}:user");
            awaitsLoadOf(two, "by hand");
            redis.tell("FLUSHALL");
            awaitsLoadOf(two, "wiped");
        }
    }

    @Test
    void where_nothing_is_tracked_an_invalidation_is_announced() throws Exception {
        try (var redis = RedisFixture.start("rename-command CLIENT \"\"");
                var one = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.ANNOUNCEMENTS);
                var two = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.ANNOUNCEMENTS)) {
            invalidationsReach(one, two);
        }
    }

    @Test
    void in_a_cluster_an_invalidation_is_announced_to_the_nodes_of_all_others() throws Exception {
        try (var cluster = new ClusterFixture(2, 0);
                var one = Replica.at(cluster.uri(), TEN_MINUTES).hearing(Hearing.ANNOUNCEMENTS);
                var two = Replica.at(cluster.uri(), TEN_MINUTES).hearing(Hearing.ANNOUNCEMENTS)) {
            for (int i = 0; i < 20; i++) {
                CacheKey key = CacheKey.of(i);
                two.cache.get(key, () -> Optional.of("old"));
                one.cache.invalidate(key);
                awaitsLoadOf(two, key, "new " + i);
            }
            invalidationsReach(one, two);
        }
    }

    @Test
    void what_one_process_forgets_of_its_memory_is_still_in_redis_and_others_are_not_told() throws Exception {
        try (var redis = RedisFixture.start();
                var one = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING);
                var two = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING)) {
            one.cache.put(ALICE, "a");
            for (var replica : List.of(one, two)) {
                await().atMost(PATIENCE).until(() -> {
                    replica.cache.get(ALICE, Optional::empty);
                    return replica.cache.statistics().localHits() > 0;
                });
            }
            long before = two.cache.statistics().redisHits();
            one.cache.forgetHere(ALICE);
            assertThat(one.cache.statistics().localEntries()).isZero();
            assertThat(two.cache.statistics().localEntries()).isEqualTo(1);
            two.cache.forgetAllHere();
            assertThat(two.cache.get(ALICE, Optional::empty)).contains("a");
            assertThat(two.cache.statistics().redisHits()).isEqualTo(before + 1);
        }
    }

    private static void invalidationsReach(Replica one, Replica two) throws Exception {
        for (int i = 0; i < 20; i++) {
            String value = "value " + i;
            assertThat(one.cache.invalidate(ALICE)).isTrue();
            awaitsLoadOf(two, value);
            keepsACopy(two, value);
        }
        one.cache.put(ALICE, "put");
        await().atMost(PATIENCE)
                .until(() -> two.cache.get(ALICE, CachesFixture::never).equals(Optional.of("put")));
        keepsACopy(two, "put");
    }

    /** Reads until it is read without Redis. */
    private static void keepsACopy(Replica replica, String value) {
        long before = replica.cache.statistics().localHits();
        await().atMost(PATIENCE).until(() -> {
            assertThat(replica.cache.get(ALICE, CachesFixture::never)).contains(value);
            return replica.cache.statistics().localHits() > before;
        });
    }

    private static void awaitsLoadOf(Replica replica, String value) {
        awaitsLoadOf(replica, ALICE, value);
    }

    private static void awaitsLoadOf(Replica replica, CacheKey key, String value) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> replica.cache.get(key, () -> Optional.of(value)).equals(Optional.of(value)));
    }

    @Test
    void a_slow_loader_on_one_replica_overwrites_no_newer_invalidation_of_another() throws Exception {
        try (var redis = RedisFixture.start();
                var slow = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING);
                var other = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                CacheKey key = CacheKey.of(i);
                var loading = new CountDownLatch(1);
                var go = new CountDownLatch(1);
                Future<Optional<String>> early = threads.submit(() -> slow.cache.get(key, () -> {
                    loading.countDown();
                    go.await();
                    return Optional.of("old");
                }));
                loading.await();
                other.cache.invalidate(key);
                assertThat(other.cache.get(key, () -> Optional.of("new"))).contains("new");
                go.countDown();
                assertThat(early.get(20, TimeUnit.SECONDS))
                        .as("its lease was gone, so it looked again")
                        .contains("new");
                assertThat(other.cache.get(key, CachesFixture::never)).contains("new");
                assertThat(slow.cache.get(key, CachesFixture::never)).contains("new");
            }
            assertThat(slow.cache.statistics().refused()).isEqualTo(20);
        }
    }

    @Test
    void a_load_longer_than_its_lease_keeps_it_and_one_whose_process_died_does_not() throws Exception {
        // Long enough that a busy machine renews it in time.
        CacheSettings brief = TEN_MINUTES.withLease(Duration.ofSeconds(2));
        try (var redis = RedisFixture.start();
                var survivor = Replica.at(redis.port(), brief);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var dying = Replica.at(redis.port(), brief);
            var loading = new CountDownLatch(1);
            try {
                threads.submit(() -> dying.cache.get(ALICE, () -> {
                    loading.countDown();
                    new CountDownLatch(1).await();
                    return Optional.of("never");
                }));
                loading.await();
                var waiting = threads.submit(() -> survivor.cache.get(ALICE, () -> Optional.of("a")));
                await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> !waiting.isDone());
                // All that others see of a killed process: its connections are gone, and nobody renews.
                dying.close();
                assertThat(waiting.get(20, TimeUnit.SECONDS)).contains("a");
            } finally {
                dying.close();
                threads.shutdownNow();
            }
        }
    }

    @Test
    void after_its_link_was_lost_and_came_back_a_replica_reads_nothing_that_was_invalidated_meanwhile()
            throws Exception {
        CacheSettings settings = TEN_MINUTES.withWithoutNews(Duration.ofMinutes(1));
        try (var redis = RedisFixture.start();
                var proxy = TcpProxy.to(redis.port());
                var cutOff = Replica.at(proxy.port(), settings).hearing(Hearing.TRACKING);
                var other = Replica.at(redis.port(), settings).hearing(Hearing.TRACKING)) {
            cutOff.cache.get(ALICE, () -> Optional.of("old"));
            keepsACopy(cutOff, "old");

            proxy.refuse();
            cutOff.hearing(Hearing.NOTHING);
            assertThat(cutOff.cache.get(ALICE, CachesFixture::never))
                    .as("a copy counts for a while")
                    .contains("old");
            assertThat(other.cache.invalidate(ALICE)).isTrue();
            assertThat(other.cache.get(ALICE, () -> Optional.of("new"))).contains("new");

            proxy.accept();
            cutOff.hearing(Hearing.TRACKING);
            await().atMost(PATIENCE)
                    .until(() -> cutOff.cache
                                    .get(ALICE, () -> Optional.of("new"))
                                    .isPresent()
                            && cutOff.cache.get(ALICE, CachesFixture::never).equals(Optional.of("new")));
            invalidationsReach(other, cutOff);
        }
    }

    @Test
    void with_redis_frozen_reads_go_on_from_the_source_and_from_copies_for_a_while() throws Exception {
        CacheSettings settings =
                TEN_MINUTES.withWithoutNews(Duration.ofMillis(500)).withWithin(Duration.ofSeconds(10));
        try (var redis = RedisFixture.start();
                var replica = Replica.at(redis.port(), settings).hearing(Hearing.TRACKING)) {
            replica.cache.get(ALICE, () -> Optional.of("old"));
            keepsACopy(replica, "old");
            redis.freeze();
            try {
                for (int i = 100; i < 120; i++) {
                    String value = "value " + i;
                    assertThat(replica.cache.get(CacheKey.of(i), () -> Optional.of(value)))
                            .contains(value);
                }
                replica.hearing(Hearing.NOTHING);
                // Nobody knows what was invalidated elsewhere: it is loaded again soon.
                awaitsLoadOf(replica, "from the source");
                assertThat(replica.cache.statistics().errors()).isZero();

                assertThat(replica.cache.invalidate(ALICE))
                        .as("others cannot be told")
                        .isFalse();
                assertThat(replica.caches.owedNews()).isEqualTo(1);
                assertThat(replica.cache.get(ALICE, () -> Optional.of("after"))).contains("after");
            } finally {
                redis.thaw();
            }
            replica.hearing(Hearing.TRACKING);
            await().atMost(PATIENCE).until(() -> replica.caches.owedNews() == 0);
            awaitsLoadOf(replica, "thawed");
            keepsACopy(replica, "thawed");
        }
    }

    @Test
    void what_was_invalidated_while_redis_was_away_is_not_read_by_others_once_they_are_told() throws Exception {
        try (var redis = RedisFixture.start();
                var proxy = TcpProxy.to(redis.port());
                var cutOff = Replica.at(proxy.port(), TEN_MINUTES).hearing(Hearing.TRACKING);
                var other = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING)) {
            other.cache.get(ALICE, () -> Optional.of("old"));
            proxy.refuse();
            cutOff.hearing(Hearing.NOTHING);
            assertThat(cutOff.cache.invalidate(ALICE)).isFalse();
            assertThat(other.cache.get(ALICE, CachesFixture::never)).contains("old");

            proxy.accept();
            await().atMost(PATIENCE).until(() -> cutOff.caches.owedNews() == 0);
            awaitsLoadOf(other, "new");
        }
    }

    @Test
    void with_its_memory_full_redis_is_gone_without() throws Exception {
        try (var redis = RedisFixture.start();
                var replica = Replica.at(redis.port(), TEN_MINUTES).hearing(Hearing.TRACKING)) {
            replica.cache.get(ALICE, () -> Optional.of("a"));
            redis.tell("CONFIG SET maxmemory 1");
            assertThat(replica.cache.get(CacheKey.of(43), () -> Optional.of("b")))
                    .contains("b");
            assertThat(replica.cache.invalidate(ALICE))
                    .as("to forget needs no memory")
                    .isTrue();
            assertThat(replica.cache.get(ALICE, () -> Optional.of("new"))).contains("new");
        }
    }
}
