package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class RedisBundleBoundsTest extends BundleBoundsContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final BundleStore store = RedisBundleFixture.byClock(redis, clock, BundleStoreContract.RULES, 20);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Override
    BundleStore store() {
        return store;
    }

    @AfterEach
    void so_many_ids_are_kept_and_no_more() {
        assertThat(redis.commands().zcard("sluice:talkbuf:{123456}:ids:11:11")).isLessThanOrEqualTo(BundleSettings.IDS);
    }
}
