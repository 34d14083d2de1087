package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OwedNewsTest {
    private static final CacheKey ALICE = CacheKey.of(42);

    private volatile Consumer<CacheKey> forget = key -> {};

    private OwedNews owed() {
        return new OwedNews("user", key -> forget.accept(key));
    }

    /** Told by nobody but the test. */
    private OwedNews owedUnseen() {
        OwedNews owed = owed();
        owed.close();
        return owed;
    }

    @Test
    void what_is_invalidated_again_while_it_is_told_is_told_again() {
        OwedNews owed = owedUnseen();
        owed.add(ALICE);
        forget = owed::add;
        owed.settle(ALICE);
        assertThat(owed.size()).isEqualTo(1);
        forget = key -> {};
        owed.settle(ALICE);
        assertThat(owed.size()).isZero();
    }

    @Test
    void what_is_told_otherwise_is_owed_no_more_unless_it_was_invalidated_meanwhile() {
        OwedNews owed = owedUnseen();
        long nothing = owed.mark(ALICE);
        owed.add(ALICE);
        owed.told(ALICE, nothing);
        assertThat(owed.size()).isEqualTo(1);
        owed.told(ALICE, owed.mark(ALICE));
        assertThat(owed.size()).isZero();
    }

    @Test
    void who_asks_for_what_is_owed_tells_it_first_or_does_not_ask() {
        OwedNews owed = owedUnseen();
        forget = key -> {
            throw new RedisUnavailableException("away", false, null);
        };
        owed.settle(ALICE);
        owed.add(ALICE);
        assertThatExceptionOfType(RedisUnavailableException.class).isThrownBy(() -> owed.settle(ALICE));
        assertThat(owed.size()).isEqualTo(1);
    }

    @Test
    void what_is_owed_is_told_as_soon_as_it_can_be_also_a_second_time() {
        var away = new AtomicBoolean(true);
        forget = key -> {
            if (away.get()) {
                throw new RedisUnavailableException("away", false, null);
            }
        };
        try (OwedNews owed = owed()) {
            for (int i = 0; i < 2; i++) {
                away.set(true);
                owed.add(ALICE);
                owed.add(CacheKey.of(43));
                assertThat(owed.size()).isEqualTo(2);
                away.set(false);
                await().atMost(Duration.ofSeconds(20)).until(() -> owed.size() == 0);
            }
        }
    }

    @Test
    void no_more_is_owed_than_there_is_room_for() {
        OwedNews owed = owedUnseen();
        for (int i = 0; i <= OwedNews.MOST; i++) {
            owed.add(CacheKey.of(i));
        }
        owed.add(CacheKey.of(1));
        assertThat(owed.size()).isEqualTo(OwedNews.MOST);
    }
}
