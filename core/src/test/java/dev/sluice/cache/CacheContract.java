package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every cache keeps, and for how long. */
abstract class CacheContract extends CachesFixture {
    Cache<String> cache;

    @BeforeEach
    void openCache() {
        cache = caches.open(MINUTE, CacheCodec.TEXT);
    }

    @Test
    void a_value_is_loaded_once_and_read_by_all_after_it() throws Exception {
        assertThat(cache.get(ALICE, () -> Optional.of("a"))).contains("a");
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("a");
        assertThat(cache.get(BOB, () -> Optional.of("b"))).contains("b");

        CacheStatistics counted = cache.statistics();
        assertThat(counted.loads()).isEqualTo(2);
        assertThat(counted.misses()).isEqualTo(2);
        assertThat(counted.localHits() + counted.redisHits()).isEqualTo(1);
    }

    @Test
    void a_value_holds_for_its_ttl_less_up_to_a_tenth() throws Exception {
        chance(0.5);
        cache.get(ALICE, () -> Optional.of("a"));
        chance(0);
        advance(Duration.ofSeconds(57).minusMillis(1));
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("a");
        advance(Duration.ofMillis(1));
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void that_there_is_none_holds_for_a_time_of_its_own() throws Exception {
        assertThat(cache.get(ALICE, Optional::empty)).isEmpty();
        advance(Duration.ofSeconds(10).minusMillis(1));
        assertThat(cache.get(ALICE, CachesFixture::never)).isEmpty();
        assertThat(cache.statistics().negatives()).isEqualTo(1);
        advance(Duration.ofMillis(1));
        assertThat(cache.get(ALICE, () -> Optional.of("born"))).contains("born");
    }

    @Test
    void that_there_was_none_stands_in_for_nothing() throws Exception {
        assertThat(cache.get(ALICE, Optional::empty)).isEmpty();
        advance(Duration.ofSeconds(11));
        assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.get(ALICE, CachesFixture::failing));
    }

    @Test
    void with_no_time_for_it_that_there_is_none_is_not_kept() throws Exception {
        var each = caches.open(
                CacheSettings.of("each", Duration.ofMinutes(1)).withNegativeTtl(Duration.ZERO), CacheCodec.TEXT);
        each.get(ALICE, Optional::empty);
        assertThat(each.get(ALICE, () -> Optional.of("a"))).contains("a");
    }

    @Test
    void what_fails_is_told_with_its_cause_and_not_kept() throws Exception {
        var broken = new IllegalStateException("broken");
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> cache.get(ALICE, () -> {
                    throw broken;
                }))
                .withCause(broken)
                .satisfies(e -> assertThat(e.late()).isFalse())
                .satisfies(
                        e -> assertThat(e.getMessage()).doesNotContain("broken").contains("user"));
        assertThat(cache.statistics().errors()).isEqualTo(1);
        assertThat(cache.statistics().failedLoads()).isEqualTo(1);
        assertThat(cache.get(ALICE, () -> Optional.of("a"))).contains("a");
    }

    @Test
    void an_old_value_stands_in_for_one_that_cannot_be_loaded_until_its_grace_is_over() throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        advance(Duration.ofSeconds(89));
        assertThat(cache.get(ALICE, CachesFixture::failing)).contains("old");
        assertThat(cache.statistics().stale()).isEqualTo(1);
        advance(Duration.ofMillis(999));
        assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> {
            advance(Duration.ofSeconds(1));
            cache.get(ALICE, CachesFixture::failing);
        });
    }

    @Test
    void while_its_source_fails_an_old_value_stands_in_again_and_again_and_the_source_is_asked_once_a_second()
            throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        advance(Duration.ofSeconds(60));
        var asked = new AtomicInteger();
        for (int second = 0; second < 29; second++) {
            for (int read = 0; read < 3; read++) {
                assertThat(cache.get(ALICE, () -> {
                            asked.incrementAndGet();
                            return failing();
                        }))
                        .contains("old");
                advance(Duration.ofMillis(333));
            }
            advance(Duration.ofMillis(1));
        }
        // Once more, if what Redis tells of the first value's end comes late.
        assertThat(asked.get()).isBetween(29, 30);
        assertThat(cache.statistics().stale()).isEqualTo(3 * 29);
        advance(Duration.ofSeconds(1));
        assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.get(ALICE, CachesFixture::failing));
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void an_old_value_that_was_invalidated_stands_in_for_nothing() throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        advance(Duration.ofSeconds(70));
        cache.invalidate(ALICE);
        assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> cache.get(ALICE, CachesFixture::failing));
    }

    @Test
    void a_value_that_was_invalidated_is_loaded_again_and_others_are_not() throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        cache.get(BOB, () -> Optional.of("b"));
        assertThat(cache.invalidate(ALICE)).isTrue();

        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
        assertThat(cache.get(BOB, CachesFixture::never)).contains("b");
    }

    @Test
    void a_value_that_was_put_is_read_and_ends_like_any_other() throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        assertThat(cache.put(ALICE, "put")).isTrue();
        assertThat(cache.get(ALICE, CachesFixture::never)).contains("put");
        advance(Duration.ofMinutes(1));
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
    }

    @Test
    void a_value_that_was_put_and_cannot_be_kept_leaves_no_older_one_in_its_place() throws Exception {
        var some = caches.open(CacheSettings.of("some", Duration.ofMinutes(1)), encodingOnly("old"));
        some.get(ALICE, () -> Optional.of("old"));
        assertThatIllegalStateException().isThrownBy(() -> some.put(ALICE, "put"));
        var loads = new AtomicInteger();
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> some.get(ALICE, () -> {
                    loads.incrementAndGet();
                    return Optional.of("put");
                }));
        assertThat(loads).hasValue(1);
    }

    @Test
    void a_value_is_kept_under_its_own_cache_only() throws Exception {
        var other = caches.open(CacheSettings.of("servers", Duration.ofMinutes(1)), CacheCodec.TEXT);
        cache.get(ALICE, () -> Optional.of("a"));
        assertThat(other.get(ALICE, () -> Optional.of("b"))).contains("b");
        assertThat(caches.all()).hasSize(2);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> caches.open(MINUTE, CacheCodec.TEXT))
                .withMessageContaining("user");
    }
}
