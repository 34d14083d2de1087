package dev.sluice.cache;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Caches for a test. */
abstract class CachesFixture {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final CacheSettings MINUTE = CacheSettings.of("user", Duration.ofMinutes(1))
            .withGrace(Duration.ofSeconds(30))
            .withNegativeTtl(Duration.ofSeconds(10))
            .withWithin(PATIENCE);
    static final CacheKey ALICE = CacheKey.of(42);
    static final CacheKey BOB = CacheKey.of(43);

    Caches caches;

    /** The same each time. */
    abstract CachesUnderTest where();

    @BeforeEach
    void openCaches() {
        caches = where().open();
    }

    @AfterEach
    void closeCaches() {
        caches.close();
        where().close();
    }

    final void advance(Duration time) {
        where().advance(time);
    }

    final void chance(double chance) {
        where().chance = chance;
    }

    @SuppressWarnings("NullAway") // what no loader may do
    static <T> Optional<T> nothingAtAll() {
        return null;
    }

    @SuppressWarnings("DoNotCallSuggester") // it is called so that nobody calls it
    static <T> Optional<T> never() {
        throw new AssertionError("loaded, although there is a value");
    }

    @SuppressWarnings("DoNotCallSuggester") // to fail is what it is for
    static <T> Optional<T> failing() {
        throw new IllegalStateException("broken");
    }

    static CacheCodec<String> encodingOnly(String known) {
        return new CacheCodec<>() {
            @Override
            public byte[] encode(String value) {
                if (!value.equals(known)) {
                    throw new IllegalStateException("broken");
                }
                return CacheCodec.TEXT.encode(value);
            }

            @Override
            public String decode(byte[] bytes) {
                return CacheCodec.TEXT.decode(bytes);
            }
        };
    }
}
