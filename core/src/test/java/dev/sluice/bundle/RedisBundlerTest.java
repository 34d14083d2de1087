package dev.sluice.bundle;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import org.junit.jupiter.api.AfterEach;

class RedisBundlerTest extends BundlerContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore connection = connect(redis.uri());

    RedisBundlerTest() {
        redis.flush();
    }

    static RedisStore connect(String uri) {
        return RedisStore.connect(RedisFixture.patient(uri), RedisEvents.NONE);
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
