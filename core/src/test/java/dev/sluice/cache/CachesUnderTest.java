package dev.sluice.cache;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/** Where caches keep what they know, on a clock and with a chance that the test sets. */
abstract class CachesUnderTest implements AutoCloseable {
    final AtomicLong nanos = new AtomicLong();

    /** Above 0: what is read is due for renewal sooner. */
    volatile double chance;

    /** With nothing in them. */
    abstract Caches open();

    /** Lets time pass for all levels. */
    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Override
    public void close() {}

    static final class InMemory extends CachesUnderTest {
        @Override
        Caches open() {
            return Caches.inMemory(nanos::get, () -> chance);
        }
    }

    static final class OnRedis extends CachesUnderTest {
        final SharedRedis redis = RedisFixture.shared();
        final TestClockRunner clock = redis.clockRunner();
        final RedisStore store = RedisStore.connect(RedisFixture.patient(redis.uri()), RedisEvents.NONE);

        @Override
        Caches open() {
            redis.flush();
            Caches caches = replica();
            Awaitility.await().atMost(CachesFixture.PATIENCE).until(() -> caches.hearing() == Caches.Hearing.TRACKING);
            return caches;
        }

        /** Another process on the same Redis. */
        Caches replica() {
            return replica(Sealer.NONE);
        }

        Caches replica(Sealer sealer) {
            return Caches.onRedis(clock, store, KeySpace.DEFAULT, sealer, nanos::get, () -> chance);
        }

        @Override
        void advance(Duration time) {
            super.advance(time);
            clock.advance(time);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
