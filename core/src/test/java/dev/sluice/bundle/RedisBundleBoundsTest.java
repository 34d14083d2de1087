package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class RedisBundleBoundsTest extends BundleBoundsContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final BundleStore store = made();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Override
    BundleStore store() {
        return store;
    }

    private BundleStore made() {
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
                BundleStoreContract.RULES,
                20);
    }

    @AfterEach
    void so_many_ids_are_kept_and_no_more() {
        assertThat(redis.commands().zcard("sluice:talkbuf:{123456}:ids:11:11")).isLessThanOrEqualTo(BundleSettings.IDS);
    }
}
