package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cache.LeasedAnswer.Found;
import dev.sluice.cache.LeasedAnswer.Load;
import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RedisLeasedCachesTest extends LeasedCacheContract {
    private final CachesUnderTest.OnRedis where = new CachesUnderTest.OnRedis();

    @Override
    CachesUnderTest where() {
        return where;
    }

    @Test
    void what_one_replica_told_to_load_is_brought_to_another() throws Exception {
        try (Caches second = where.replica()) {
            LeasedCache<String> other = second.openLeased(LEASED, CacheCodec.TEXT);
            String lease = lease(ALICE);
            assertThat(other.renew(ALICE, lease)).isEqualTo(FillAnswer.DONE);
            assertThat(other.fill(ALICE, lease, Optional.of("a"))).isEqualTo(FillAnswer.DONE);
            assertThat(valueOf(ask(ALICE))).contains("a");

            String failing = lease(BOB);
            other.fail(BOB, failing);
            assertThat(leaseOf(other.ask(BOB, Duration.ZERO, false, STAYS))).isNotEqualTo(failing);
        }
    }

    @Test
    void a_lease_and_a_value_have_a_ttl_and_a_key_that_shows_ids_only() throws Exception {
        String lease = lease(ALICE);
        assertThat(where.redis.commands().pttl("sluice:cache_lease:{42}:user")).isBetween(1L, 4_000L);
        cache.fill(ALICE, lease, Optional.of("a"));
        assertThat(where.redis.commands().exists("sluice:cache_lease:{42}:user"))
                .isZero();
        assertThat(where.redis.commands().pttl("sluice:cache:{42}:user")).isBetween(1L, 90_000L);
    }

    @Test
    void a_value_that_this_version_cannot_read_is_loaded_again() throws Exception {
        cache.fill(ALICE, lease(ALICE), Optional.of("not a number"));
        try (Caches second = where.replica()) {
            LeasedCache<Integer> numbers = second.openLeased(LEASED, new CacheCodec<>() {
                @Override
                public byte[] encode(Integer value) {
                    return CacheCodec.TEXT.encode(value.toString());
                }

                @Override
                public Integer decode(byte[] bytes) {
                    return Integer.valueOf(CacheCodec.TEXT.decode(bytes));
                }
            });
            var load = (Load<Integer>) numbers.ask(ALICE, Duration.ZERO, false, STAYS);
            assertThat(numbers.fill(ALICE, load.lease().orElseThrow().id(), Optional.of(17)))
                    .isEqualTo(FillAnswer.DONE);
            assertThat(((Found<Integer>) numbers.ask(ALICE, Duration.ZERO, false, STAYS)).value())
                    .contains(17);
        }
    }

    @Test
    void who_brings_a_value_reads_no_older_copy_although_nobody_tells_that_it_has_changed() throws Exception {
        try (var untold = Caches.onRedis(
                where.clock,
                (prefixes, channel, watcher) -> {
                    watcher.attached(false);
                    return () -> {};
                },
                KeySpace.DEFAULT,
                Sealer.NONE,
                where.nanos::get,
                () -> where.chance)) {
            LeasedCache<String> alone = untold.openLeased(LEASED, CacheCodec.TEXT);
            String lease = leaseOf(alone.ask(ALICE, Duration.ZERO, false, STAYS));
            advance(Duration.ofSeconds(2));
            alone.fill(ALICE, lease, Optional.of("old"));
            advance(Duration.ofSeconds(59));
            assertThat(valueOf(alone.ask(ALICE, Duration.ZERO, false, STAYS))).contains("old");
            chance(0.999);
            var early = (Found<String>) alone.ask(ALICE, Duration.ZERO, true, STAYS);
            alone.fill(ALICE, early.renewal().orElseThrow().id(), Optional.of("new"));
            assertThat(valueOf(alone.ask(ALICE, Duration.ZERO, false, STAYS))).contains("new");
        }
    }

    @Test
    void when_redis_is_wiped_a_lease_keeps_nothing() throws Exception {
        String lease = lease(ALICE);
        where.redis.flush();
        assertThat(cache.fill(ALICE, lease, Optional.of("a"))).isEqualTo(FillAnswer.REFUSED);
    }
}
