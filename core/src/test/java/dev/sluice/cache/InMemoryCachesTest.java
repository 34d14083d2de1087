package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class InMemoryCachesTest extends CacheContract {
    private final CachesUnderTest where = new CachesUnderTest.InMemory();

    @Override
    CachesUnderTest where() {
        return where;
    }

    @Test
    void copies_are_kept_within_the_bounds_of_their_number_and_their_bytes() throws Exception {
        var few = caches.open(
                CacheSettings.of("few", Duration.ofMinutes(1)).withLocalBounds(10, 1 << 20), CacheCodec.TEXT);
        var small = caches.open(
                CacheSettings.of("small", Duration.ofMinutes(1)).withLocalBounds(1_000, 10_000), CacheCodec.TEXT);
        for (int i = 0; i < 100; i++) {
            few.get(CacheKey.of(i), () -> Optional.of("a"));
            small.get(CacheKey.of(i), () -> Optional.of("a".repeat(840)));
        }
        assertThat(few.statistics().localEntries()).isBetween(5L, 10L);
        assertThat(small.statistics().localEntries()).isBetween(5L, 10L);
    }

    @Test
    void a_copy_of_what_was_asked_for_before_a_change_takes_no_later_ones_place() {
        var local = new LocalLevel<String>(MINUTE, where.nanos::get);
        var later = new LocalLevel.Copy<>(Optional.of("later"), 2, 0, 10, 10, 0, 1, false);
        local.keep(ALICE, later, () -> 2);
        local.keep(ALICE, new LocalLevel.Copy<>(Optional.of("earlier"), 1, 0, 10, 10, 0, 1, false), () -> 2);
        assertThat(local.find(ALICE)).contains(later);
    }

    @Test
    void what_is_forgotten_here_is_loaded_again_and_what_was_being_loaded_is_not_kept() throws Exception {
        cache.get(ALICE, () -> Optional.of("old"));
        cache.get(BOB, () -> Optional.of("b"));
        cache.forgetHere(ALICE);
        assertThat(cache.get(BOB, CachesFixture::never)).contains("b");
        assertThat(cache.get(ALICE, () -> {
                    cache.forgetHere(key -> key.equals(ALICE));
                    return Optional.of("being loaded");
                }))
                .contains("being loaded");
        assertThat(cache.get(ALICE, () -> Optional.of("new"))).contains("new");
        cache.forgetAllHere();
        assertThat(cache.get(ALICE, () -> Optional.of("newer"))).contains("newer");
        assertThat(cache.get(BOB, () -> {
                    cache.forgetAllHere();
                    return Optional.of("newer");
                }))
                .contains("newer");
        assertThat(cache.get(BOB, () -> Optional.of("newest"))).contains("newest");
    }

    @Test
    void what_is_being_renewed_is_not_kept_once_it_is_forgotten_here_although_its_copy_is_gone() throws Exception {
        takesLongToLoad("old");
        advance(Duration.ofMinutes(1).minusMillis(10));
        chance(0.999);
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        cache.get(ALICE, () -> {
            begun.countDown();
            goOn.await();
            return Optional.of("from before");
        });
        begun.await();
        advance(Duration.ofMinutes(2));
        assertThat(cache.statistics().localEntries()).isZero();
        cache.forgetHere(key -> key.equals(ALICE));
        takesLongToLoad("new");
        goOn.countDown();

        // Renewed again, it is not being renewed any more.
        advance(Duration.ofMinutes(1).minusMillis(10));
        var again = new CountDownLatch(1);
        await().atMost(PATIENCE).until(() -> {
            assertThat(cache.get(ALICE, () -> {
                        again.countDown();
                        return Optional.of("newer");
                    }))
                    .isNotEqualTo(Optional.of("from before"));
            return again.getCount() == 0;
        });
    }

    private void takesLongToLoad(String value) throws InterruptedException {
        assertThat(cache.get(ALICE, () -> {
                    LockSupport.parkNanos(5_000_000);
                    return Optional.of(value);
                }))
                .contains(value);
    }

    @Test
    void a_cache_that_is_off_loads_each_time() throws Exception {
        var off = caches.open(CacheSettings.of("off", Duration.ofMinutes(1)).withMode(CacheMode.OFF), CacheCodec.TEXT);
        off.put(ALICE, "put");
        assertThat(off.get(ALICE, () -> Optional.of("a"))).contains("a");
        assertThat(off.get(ALICE, Optional::empty)).isEmpty();
        assertThat(off.invalidate(ALICE)).isTrue();
        assertThat(off.getAll(
                        List.of(),
                        keys -> never().map(any -> java.util.Map.<CacheKey, String>of())
                                .orElseThrow()))
                .isEmpty();
        assertThatExceptionOfType(LoadFailedException.class).isThrownBy(() -> off.get(ALICE, CachesFixture::failing));
        assertThat(off.statistics().loads()).isEqualTo(3);
        assertThat(off.statistics().errors()).isEqualTo(1);
    }

    @Test
    void also_a_cache_that_is_off_waits_no_longer_than_its_time() {
        var off = caches.open(
                CacheSettings.of("off", Duration.ofMinutes(1))
                        .withMode(CacheMode.OFF)
                        .withWithin(Duration.ofMillis(100)),
                CacheCodec.TEXT);
        var interrupted = new CountDownLatch(1);
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> off.get(ALICE, () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return Optional.of("too late");
                }))
                .satisfies(e -> assertThat(e.late()).isTrue());
        await().atMost(PATIENCE).until(() -> interrupted.getCount() == 0);
        assertThat(off.statistics().errors()).isEqualTo(1);
    }

    @Test
    void a_key_is_made_of_ids_or_of_a_digest_that_shows_no_text() {
        assertThat(CacheKey.of(123_456, -100).name()).isEqualTo("123456_-100");
        assertThat(CacheKey.ofTexts("secret").name()).matches("[0-9a-f]{32}");
        assertThat(CacheKey.ofTexts("ab", "c")).isNotEqualTo(CacheKey.ofTexts("a", "bc"));
        assertThat(CacheKey.ofTexts("ab", "c")).isEqualTo(CacheKey.ofTexts("ab", "c"));
        assertThatIllegalArgumentException().isThrownBy(CacheKey::of);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CacheKey("a b"))
                .withMessageContaining("a b");
    }

    @Test
    void settings_that_cannot_be_are_refused_by_name() {
        var settings = CacheSettings.of("user", Duration.ofSeconds(10));
        assertThat(settings.negativeTtl()).isEqualTo(Duration.ofSeconds(5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheSettings.of("User", Duration.ofSeconds(1)))
                .withMessageContaining("'User'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheSettings.of("user", Duration.ZERO))
                .withMessageContaining("ttl PT0S")
                .withMessageContaining("user");
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withNegativeTtl(Duration.ofSeconds(11)));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withWithin(Duration.ofMinutes(11)));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withLease(Duration.ofMillis(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withGrace(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withLocalBounds(0, 1_024));
    }
}
