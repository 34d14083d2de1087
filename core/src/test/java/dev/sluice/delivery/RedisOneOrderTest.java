package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.util.Random;

class RedisOneOrderTest extends OneOrderContract {
    private final SharedRedis redis = RedisFixture.shared();

    @Override
    Deliveries.Closeable newPipeline(DeliverySettings settings) {
        return new Pipeline(
                new RedisAdmission(redis.runner(), redis.runner(), KeySpace.DEFAULT, scope -> {}),
                settings,
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Random(7),
                Sealer.NONE);
    }

    @Override
    MessageQueue newQueue(TelegramLimits limits) {
        return MessageQueues.onRedis(
                redis.runner(), redis.runner(), KeySpace.DEFAULT, bot -> limits, QueueSettings.DEFAULT, new Random(7));
    }
}
