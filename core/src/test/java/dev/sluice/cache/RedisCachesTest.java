package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.KeyWatch;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class RedisCachesTest extends CacheContract {
    private final CachesUnderTest.OnRedis where = new CachesUnderTest.OnRedis();

    @Override
    CachesUnderTest where() {
        return where;
    }

    @Test
    void each_key_has_a_ttl_and_a_name_that_shows_ids_and_no_text() throws Exception {
        cache.get(CacheKey.of(42, -100), () -> {
            assertThat(keys()).containsExactly("sluice:cache_lease:{42_-100}:user");
            assertThat(where.redis.commands().pttl("sluice:cache_lease:{42_-100}:user"))
                    .isBetween(1L, 2_000L);
            return Optional.of("a");
        });
        cache.get(CacheKey.ofTexts("private"), Optional::empty);
        assertThat(keys()).hasSize(2).contains("sluice:cache:{42_-100}:user").noneMatch(key -> key.contains("private"));
        assertThat(keys())
                .allSatisfy(key -> assertThat(where.redis.commands().pttl(key))
                        .isBetween(1L, Duration.ofSeconds(90).toMillis()));
        assertThat(where.redis.commands().pttl("sluice:cache:{42_-100}:user"))
                .as("its time and its grace")
                .isGreaterThan(Duration.ofSeconds(60).toMillis());
        assertThat(where.redis
                        .commands()
                        .pttl("sluice:cache:{" + CacheKey.ofTexts("private").name() + "}:user"))
                .as("that there is none")
                .isLessThanOrEqualTo(Duration.ofSeconds(10).toMillis());
    }

    @Test
    void a_value_outlives_its_process() throws Exception {
        cache.get(ALICE, () -> Optional.of("a"));
        try (var other = where.replica()) {
            assertThat(other.open(MINUTE, CacheCodec.TEXT).get(ALICE, CachesFixture::never))
                    .contains("a");
        }
    }

    @Test
    void what_is_to_be_sealed_cannot_be_read_in_redis_and_opens_at_its_own_place_only() throws Exception {
        try (var sealing = where.replica(KeyRing.random());
                var stranger = where.replica(KeyRing.random())) {
            var sealed = sealing.open(CacheSettings.USER, CacheCodec.TEXT);
            sealed.get(ALICE, () -> Optional.of("private"));
            byte[] raw = where.redis.commands().get("sluice:cache:{42}:user");
            assertThat(new String(raw, StandardCharsets.ISO_8859_1)).doesNotContain("private");

            where.redis.commands().set("sluice:cache:{43}:user", raw, SetArgs.Builder.ex(60));
            assertThat(sealed.get(BOB, () -> Optional.of("bob"))).contains("bob");
            assertThat(sealed.get(ALICE, CachesFixture::never)).contains("private");
            assertThat(stranger.open(CacheSettings.USER, CacheCodec.TEXT).get(ALICE, () -> Optional.of("loaded")))
                    .contains("loaded");
        }
    }

    @Test
    void a_value_that_this_version_cannot_read_is_loaded_again() throws Exception {
        cache.get(ALICE, () -> Optional.of("not a number"));
        try (var other = where.replica()) {
            var numbers = other.open(MINUTE, new CacheCodec<Integer>() {
                @Override
                public byte[] encode(Integer value) {
                    return CacheCodec.TEXT.encode(value.toString());
                }

                @Override
                public Integer decode(byte[] bytes) {
                    return Integer.valueOf(CacheCodec.TEXT.decode(bytes));
                }
            });
            assertThat(numbers.get(ALICE, () -> Optional.of(17))).contains(17);
            assertThat(numbers.get(ALICE, CachesFixture::never)).contains(17);
        }
    }

    @Test
    void a_value_too_large_for_redis_is_read_all_the_same() throws Exception {
        String large = "a".repeat(RedisLevel.LARGEST + 1);
        assertThat(cache.get(ALICE, () -> Optional.of(large))).contains(large);
        assertThat(keys()).isEmpty();
        assertThat(cache.put(ALICE, large)).isTrue();
        assertThat(keys()).isEmpty();
        cache.put(BOB, "old");
        advance(Duration.ofSeconds(70));
        assertThat(cache.get(BOB, () -> Optional.of(large))).contains(large);
        assertThat(keys()).as("the old one must not stand in for it").isEmpty();
    }

    @Test
    void old_values_that_stand_in_take_as_many_bytes_of_memory_as_others() throws Exception {
        var small = caches.open(
                CacheSettings.of("small", Duration.ofMinutes(1)).withLocalBounds(1_000, 10_000), CacheCodec.TEXT);
        for (int i = 0; i < 30; i++) {
            small.get(CacheKey.of(i), () -> Optional.of("a".repeat(840)));
        }
        advance(Duration.ofSeconds(70));
        for (int i = 0; i < 30; i++) {
            assertThat(small.get(CacheKey.of(i), CachesFixture::failing)).isPresent();
        }
        assertThat(small.statistics().localEntries()).isBetween(5L, 10L);
    }

    @Test
    void a_load_that_failed_in_any_way_leaves_no_lease() {
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> cache.get(ALICE, CachesFixture::nothingAtAll));
        assertThat(keys()).isEmpty();
    }

    @Test
    void who_is_closed_hears_nothing_and_relies_on_no_copies() throws Exception {
        caches.close();
        assertThat(caches.hearing()).isEqualTo(Caches.Hearing.NOTHING);
        assertThat(cache.get(ALICE, () -> Optional.of("a"))).contains("a");
        where.redis.flush();
        assertThat(cache.get(ALICE, () -> Optional.of("b"))).contains("b");
    }

    @Test
    void what_somebody_else_wrote_in_its_place_is_loaded_again_and_not_asked_about_for_ever() throws Exception {
        where.redis.commands().set("sluice:cache:{42}:user", "by hand".getBytes(StandardCharsets.UTF_8));
        where.redis.commands().set("sluice:cache_lease:{42}:user", "by hand".getBytes(StandardCharsets.UTF_8));
        assertThat(cache.get(ALICE, () -> Optional.of("a"))).contains("a");
        assertThat(cache.statistics().storeFailures()).isZero();
        assertThat(where.redis.commands().pttl("sluice:cache:{42}:user")).isPositive();
        assertThat(keys()).containsExactly("sluice:cache:{42}:user");
    }

    @Test
    void a_lease_whose_holder_died_before_the_clock_was_set_back_keeps_nobody_waiting() throws Exception {
        var level = new RedisLevel(where.clock, KeySpace.DEFAULT, "one:", MINUTE, Sealer.NONE);
        level.look(ALICE, 0);
        where.clock.advance(Duration.ofMillis(-1));
        assertThat(level.look(ALICE, 0)).as("a small step ends none").isInstanceOf(Look.Busy.class);
        where.clock.advance(Duration.ofHours(-1));
        assertThat(level.look(ALICE, 0)).isInstanceOf(Look.Vacant.class);
    }

    @Test
    void a_value_ends_in_its_time_also_if_the_clock_was_set_back_far() throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        where.clock.advance(Duration.ofHours(-1));
        try (var other = where.replica()) {
            assertThat(other.open(MINUTE, CacheCodec.TEXT).get(ALICE, () -> Optional.of("new")))
                    .contains("new");
        }
    }

    @Test
    void while_one_renews_a_value_that_holds_all_others_read_it() {
        var level = new RedisLevel(where.clock, KeySpace.DEFAULT, "one:", MINUTE, Sealer.NONE);
        var kept = new RedisLevel.Kept(
                Optional.of(new byte[] {'a'}), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(20));
        assertThat(level.fill(lease(level), kept)).isTrue();
        assertThat(((Look.Kept) level.look(ALICE, 2)).renewal()).as("too early").isEmpty();
        assertThat(((Look.Kept) level.look(ALICE, 4)).renewal()).isPresent();
        assertThat(((Look.Kept) level.look(ALICE, 4)).renewal())
                .as("somebody is at it")
                .isEmpty();
    }

    @Test
    void changes_are_announced_and_so_is_the_end_of_a_load_if_somebody_waits_for_it() {
        var level = new RedisLevel(where.clock, KeySpace.DEFAULT, "one:", MINUTE, Sealer.NONE);
        var kept = new RedisLevel.Kept(Optional.empty(), Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO);
        var ears = new Ears();
        KeyWatch.Watch watch = where.store.watch(List.of("sluice:none:"), CacheNews.channel(KeySpace.DEFAULT), ears);
        try {
            await().atMost(PATIENCE).until(() -> ears.attached);
            level.fill(lease(level), kept);
            advance(Duration.ofMillis(1));
            Look.Lease awaited = lease(level);
            level.look(ALICE, 0);
            level.fill(awaited, kept);
            advance(Duration.ofMillis(1));
            Look.Lease released = lease(level);
            level.look(ALICE, 0);
            level.release(released);
            level.put(ALICE, kept);
            level.forget(ALICE);
            await().atMost(PATIENCE).until(() -> ears.heard.size() >= 4);
            assertThat(ears.heard)
                    .as("nobody waited for the first")
                    .containsExactly("filled user 42", "filled user 42", "changed user 42", "changed user 42");
        } finally {
            watch.close();
        }
    }

    private static Look.Lease lease(RedisLevel level) {
        return ((Look.Vacant) level.look(ALICE, 0)).lease();
    }

    private static final class Ears implements KeyWatch.Watcher {
        final List<String> heard = new CopyOnWriteArrayList<>();
        volatile boolean attached;

        @Override
        public void attached(boolean tracked) {
            attached = true;
        }

        @Override
        public void detached() {}

        @Override
        public void changed(String key) {}

        @Override
        public void flushed() {}

        @Override
        public void heard(String message) {
            heard.add(message);
        }
    }

    @Test
    void a_loader_that_died_leaves_its_lease_to_the_next_once_it_is_over() throws Exception {
        var dying = new RedisLevel(where.clock, KeySpace.DEFAULT, "dead:", MINUTE, Sealer.NONE);
        assertThat(dying.look(ALICE, 0)).isInstanceOf(Look.Vacant.class);
        assertThat(dying.look(ALICE, 0)).isInstanceOf(Look.Busy.class);

        advance(MINUTE.lease());
        assertThat(cache.get(ALICE, () -> Optional.of("a"))).contains("a");
    }

    @Test
    void a_loader_whose_lease_passed_on_or_vanished_writes_nothing() {
        var level = new RedisLevel(where.clock, KeySpace.DEFAULT, "one:", MINUTE, Sealer.NONE);
        var kept = new RedisLevel.Kept(
                Optional.of(new byte[] {'a'}), Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ZERO);
        Look.Lease first = lease(level);
        advance(MINUTE.lease());
        Look.Lease second = lease(level);
        assertThat(level.fill(first, kept)).isFalse();
        assertThat(level.renew(first)).isFalse();
        level.release(first);
        assertThat(level.renew(second)).isTrue();
        where.redis.flush();
        assertThat(level.fill(second, kept)).as("Redis was wiped").isFalse();
        assertThat(keys()).isEmpty();
    }

    private List<String> keys() {
        return where.redis.commands().keys("*").stream()
                .filter(key -> !key.contains("probe"))
                .toList();
    }
}
