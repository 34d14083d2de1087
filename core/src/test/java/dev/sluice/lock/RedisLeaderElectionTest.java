package dev.sluice.lock;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import org.junit.jupiter.api.AfterEach;

class RedisLeaderElectionTest extends LeaderElectionContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore connection = RedisLocksTest.connect(redis.uri());

    RedisLeaderElectionTest() {
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
