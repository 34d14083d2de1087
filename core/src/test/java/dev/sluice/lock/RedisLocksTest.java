package dev.sluice.lock;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import org.junit.jupiter.api.AfterEach;

class RedisLocksTest extends LocksContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore connection = connect(redis.uri());

    static RedisStore connect(String uri) {
        return RedisStore.connect(RedisFixture.patient(uri), RedisEvents.NONE);
    }

    RedisLocksTest() {
        redis.flush();
    }

    @Override
    LockStore store() {
        return new RedisLockStore(connection, connection, KeySpace.DEFAULT, connection);
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }
}
