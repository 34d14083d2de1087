package dev.sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What meets what at the worst moment: Redis answers when the test lets it, and news come when it says so. */
@Timeout(60)
class CacheRacesTest {
    private static final Duration PATIENCE = CachesFixture.PATIENCE;
    private static final CacheSettings MINUTE = CachesFixture.MINUTE;
    private static final CacheKey ALICE = CachesFixture.ALICE;

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clock = redis.clockRunner();
    private final AtomicLong nanos = new AtomicLong();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile double chance;
    private volatile boolean onceOnly;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile String gated = "cache/look";
    private volatile boolean away;
    private RedisLevel otherReplica;
    private HeldNews.Line line;
    private Caches caches;

    @BeforeEach
    void open() {
        redis.flush();
        var news = new HeldNews(new Gated());
        otherReplica = new RedisLevel(news, KeySpace.DEFAULT, "other:", MINUTE, Sealer.NONE);
        line = news.new Line();
        caches = Caches.onRedis(news, line, KeySpace.DEFAULT, Sealer.NONE, nanos::get, this::drawn);
        line.up();
    }

    @AfterEach
    void close() {
        gate.countDown();
        threads.close();
        caches.close();
    }

    private double drawn() {
        double drawn = chance;
        if (onceOnly) {
            chance = 0;
        }
        return drawn;
    }

    /** Looks, or other scripts, take as long as the test wants, or Redis is away. */
    private final class Gated implements ScriptRunner {
        @Override
        public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
            if (away) {
                throw new RedisUnavailableException("away", false, null);
            }
            if (script.name().equals(gated)) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return clock.run(script, keys, args);
        }
    }

    private Cache<String> cache(CacheSettings settings) {
        return caches.open(settings, CacheCodec.TEXT);
    }

    private void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
        clock.advance(time);
    }

    /** A reader that waits for the other replica's load, with an old value in its hands. */
    private Future<Optional<String>> waitingReader(Cache<String> cache) {
        Future<Optional<String>> reader = threads.submit(() -> cache.get(ALICE, CachesFixture::failing));
        await().atMost(PATIENCE)
                .until(() -> new String(redis.commands().get("sluice:cache_lease:{42}:user"), UTF_8).endsWith(" 1"));
        return reader;
    }

    private Look.Lease otherReplicaLoads(Cache<String> cache) throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        line.deliver();
        advance(Duration.ofSeconds(70));
        return ((Look.Vacant) otherReplica.look(ALICE, 0)).lease();
    }

    private static RedisLevel.Kept kept(String value, Duration took) {
        return new RedisLevel.Kept(
                Optional.of(value.getBytes(UTF_8)), Duration.ofSeconds(60), Duration.ofSeconds(90), took);
    }

    @Test
    void who_comes_after_an_invalidation_was_heard_of_gets_no_old_value_that_others_have_waited_with()
            throws Exception {
        var cache = cache(MINUTE.withWithin(Duration.ofSeconds(1)));
        otherReplicaLoads(cache);
        Future<Optional<String>> early = waitingReader(cache);
        gate = new CountDownLatch(1);
        otherReplica.forget(ALICE);
        line.deliver();
        Future<Optional<String>> later = threads.submit(() -> {
            try {
                return cache.get(ALICE, () -> Optional.of("new"));
            } catch (LoadFailedException e) {
                return Optional.empty();
            }
        });
        assertThat(later.get(20, TimeUnit.SECONDS)).isNotEqualTo(Optional.of("old"));
        assertThat(early.get(20, TimeUnit.SECONDS))
                .as("who came before may have it")
                .contains("old");
    }

    @Test
    void an_old_value_that_was_waited_with_takes_no_newer_ones_place_when_its_renewal_fails() throws Exception {
        var cache = cache(MINUTE);
        Look.Lease lease = otherReplicaLoads(cache);
        chance = 0.999; // 7 times what it took to load, before its end
        Future<Optional<String>> reader = waitingReader(cache);
        otherReplica.fill(lease, kept("new", Duration.ofSeconds(20)));
        assertThat(reader.get(20, TimeUnit.SECONDS)).contains("new");
        await().atMost(PATIENCE).until(() -> cache.statistics().failedLoads() == 1);
        // What follows a failed load is done when its lease is released.
        await().atMost(PATIENCE).until(() -> redis.commands().keys("*lease*").isEmpty());
        chance = 0;
        await().during(Duration.ofMillis(50))
                .atMost(PATIENCE)
                .until(() -> cache.get(ALICE, CachesFixture::never).equals(Optional.of("new")));
    }

    @Test
    void whether_a_read_renews_a_value_is_drawn_once() throws Exception {
        var cache = cache(MINUTE);
        cache.get(ALICE, () -> {
            LockSupport.parkNanos(5_000_000);
            return Optional.of("old");
        });
        advance(Duration.ofMinutes(1).minusMillis(10));
        onceOnly = true;
        chance = 0.999;
        var renewed = new CountDownLatch(1);
        assertThat(cache.get(ALICE, () -> {
                    renewed.countDown();
                    return Optional.of("new");
                }))
                .contains("old");
        assertThat(renewed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void what_somebody_read_while_redis_was_being_told_of_an_invalidation_is_not_read_after_it() throws Exception {
        var cache = cache(MINUTE);
        cache.get(ALICE, () -> Optional.of("old"));
        gated = "cache/forget";
        gate = new CountDownLatch(1);
        Future<Boolean> invalidating = threads.submit(() -> cache.invalidate(ALICE));
        await().atMost(PATIENCE).until(() -> cache.statistics().invalidations() == 1);
        assertThat(cache.get(ALICE, CachesFixture::never)).as("not yet").contains("old");
        gate.countDown();
        assertThat(invalidating.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void without_redis_and_without_news_copies_count_for_a_while() throws Exception {
        var cache = cache(MINUTE);
        cache.get(ALICE, () -> Optional.of("old"));
        line.down();
        away = true;
        advance(MINUTE.withoutNews());
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("old");
        advance(Duration.ofNanos(1_000));
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void what_is_loaded_while_redis_is_away_is_kept_for_a_while_only() throws Exception {
        var cache = cache(MINUTE);
        away = true;
        cache.get(ALICE, () -> Optional.of("a"));
        advance(MINUTE.withoutNews().minusNanos(1_000));
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("a");
        advance(Duration.ofNanos(1_000));
        assertThat(cache.get(ALICE, () -> Optional.of("b"))).contains("b");
    }

    @Test
    void without_redis_an_old_value_stands_in_for_no_longer_than_copies_count() throws Exception {
        var cache = cache(MINUTE.withWithoutNews(Duration.ofSeconds(3)));
        cache.get(ALICE, () -> Optional.of("old"));
        advance(Duration.ofSeconds(70));
        assertThat(cache.get(ALICE, CachesFixture::failing)).contains("old");
        line.down();
        away = true;
        for (int second = 0; second < 3; second++) {
            advance(Duration.ofSeconds(1));
            assertThat(cache.get(ALICE, CachesFixture::failing)).contains("old");
        }
        advance(Duration.ofMillis(1));
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void copies_from_before_the_link_was_lost_count_no_more_when_it_is_back() throws Exception {
        var cache = cache(MINUTE);
        cache.get(ALICE, () -> Optional.of("old"));
        line.down();
        otherReplica.forget(ALICE);
        line.up();
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void where_nobody_tells_that_a_key_was_dropped_copies_count_for_half_a_minute() throws Exception {
        var cache = cache(MINUTE);
        line.up(false);
        cache.get(ALICE, () -> Optional.of("old"));
        redis.flush();
        advance(Duration.ofSeconds(30).minusNanos(1_000));
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("old");
        advance(Duration.ofNanos(1_000));
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void what_redis_could_not_be_told_it_is_told_before_it_is_asked() throws Exception {
        var cache = cache(MINUTE);
        cache.get(ALICE, () -> Optional.of("old"));
        away = true;
        assertThat(cache.invalidate(ALICE)).isFalse();
        away = false;
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
        assertThat(caches.owedNews()).isZero();
    }
}
