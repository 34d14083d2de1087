package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisLockStoreTest extends LockStoreContract {
    private static final Duration HOUR = Duration.ofHours(1);

    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore connection = RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE);
    private final LockStore store = store(connection);

    private LockStore store(RedisStore announcements) {
        TestClockRunner runner = redis.clockRunner();
        ScriptRunner byClock = (script, keys, args) -> {
            runner.setNow(clock.getAsLong());
            return runner.run(script, keys, args);
        };
        return new RedisLockStore(byClock, byClock, KeySpace.DEFAULT, announcements);
    }

    @Override
    LockStore store() {
        return store;
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl_and_none_a_name() {
        connection.close();
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:locks:\\{[0-9a-f]{32}}:(lock|line|places)");
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .isBetween(1L, HOUR.plus(LEASE.multipliedBy(2)).toMillis());
        }
    }

    @Test
    void a_lock_is_one_key_that_outlives_its_lease_by_an_hour() {
        long fence = taken(store.acquire(NAME, anna, LEASE, false));
        String key = NAME.keys(KeySpace.DEFAULT).getFirst();

        assertThat(redis.commands().keys("*")).containsExactly(key);
        long now = clock.getAsLong();
        assertThat(new String(redis.commands().get(key), StandardCharsets.US_ASCII))
                .isEqualTo(fence + " " + anna.id() + " " + now + " " + (now + 30_000_000));
        assertThat(redis.commands().pttl(key))
                .isBetween(
                        HOUR.plus(LEASE).toMillis() - 10_000, HOUR.plus(LEASE).toMillis());
        store.release(NAME, anna);
        assertThat(redis.commands().pttl(key)).isBetween(HOUR.toMillis() - 10_000, HOUR.toMillis());
        assertThat(redis.commands().memoryUsage(key)).isLessThan(250);
    }

    @Test
    void fences_grow_although_redis_was_wiped_or_its_clock_set_back_within_the_hour() {
        long first = taken(store.acquire(NAME, anna, LEASE, false));
        redis.flush();
        clock.advanceMicros(1);
        long second = taken(store.acquire(NAME, anna, LEASE, false));
        assertThat(second).isGreaterThan(first);
        store.release(NAME, anna);
        clock.set(clock.getAsLong() - HOUR.toNanos() / 1_000 + 1);
        assertThat(taken(store.acquire(NAME, ben, LEASE, false))).isGreaterThan(second);
    }

    @Test
    void when_memory_is_full_nothing_is_taken_and_what_is_held_can_be_renewed_and_released() {
        taken(store.acquire(NAME, anna, LEASE, false));
        store.acquire(NAME, ben, LEASE, true);
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> store.acquire(new LockName("other"), ben, LEASE, false))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            taken(store.acquire(NAME, anna, LEASE, false)); // whose answer was lost
            assertThat(store.renew(NAME, anna, LEASE)).isTrue();
            assertThat(store.release(NAME, anna)).isTrue();
            assertThatThrownBy(() -> store.acquire(NAME, ben, LEASE, true))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        taken(store.acquire(NAME, ben, LEASE, true));
    }

    @Test
    void what_somebody_else_wrote_under_a_locks_name_is_an_error() {
        String key = NAME.keys(KeySpace.DEFAULT).getFirst();
        redis.commands().set(key, "mine".getBytes(StandardCharsets.US_ASCII), SetArgs.Builder.ex(60));
        assertThatThrownBy(() -> store.acquire(NAME, anna, LEASE, false)).isInstanceOf(RedisException.class);
    }
}
