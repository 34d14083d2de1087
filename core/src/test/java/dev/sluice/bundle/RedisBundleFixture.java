package dev.sluice.bundle;

import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;

/** Bundles in Redis by a clock that tests set; nobody listens. */
final class RedisBundleFixture {
    private RedisBundleFixture() {}

    static BundleStore byClock(SharedRedis redis, SettableMicros clock, BundleSettings rules, int mostPeople) {
        TestClockRunner runner = redis.clockRunner();
        ScriptRunner byClock = (script, keys, args) -> {
            runner.setNow(clock.getAsLong());
            return runner.run(script, keys, args);
        };
        return new RedisBundleStore(
                byClock,
                byClock,
                KeySpace.DEFAULT,
                (channel, heard) -> {
                    throw new IllegalStateException("nobody listens");
                },
                rules,
                mostPeople);
    }
}
