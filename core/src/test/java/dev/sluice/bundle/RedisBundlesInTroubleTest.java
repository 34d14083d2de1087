package dev.sluice.bundle;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import org.junit.jupiter.api.AfterEach;

class RedisBundlesInTroubleTest extends BundlesInTroubleContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore connection = RedisBundlerTest.connect(redis.uri());

    RedisBundlesInTroubleTest() {
        redis.flush();
    }

    @Override
    BundleStore store(BundleSettings settings) {
        return new RedisBundleStore(connection, connection, KeySpace.DEFAULT, connection, settings, 1_000);
    }

    @AfterEach
    @Override
    void close() throws Exception {
        super.close();
        connection.close();
    }
}
