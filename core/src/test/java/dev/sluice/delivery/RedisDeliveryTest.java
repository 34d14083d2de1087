package dev.sluice.delivery;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import java.util.Random;

class RedisDeliveryTest extends DeliveryContract {
    private final ScriptRunner redis = RedisFixture.shared().runner();

    @Override
    Deliveries.Closeable newPipeline(DeliverySettings settings) {
        return new Pipeline(
                new RedisAdmission(redis, redis, KeySpace.DEFAULT),
                settings,
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Random(7));
    }
}
