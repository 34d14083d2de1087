package dev.sluice.delivery;

import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.TestClockRunner;
import java.util.Random;

class RedisPlacedCallsTest extends PlacedCallsContract {
    private final TestClockRunner clockRunner =
            RedisFixture.shared().clockRunner().withLongerTtls();
    private final ScriptRunner runner = (script, keys, args) -> {
        clockRunner.setNow(clock.getAsLong());
        return clockRunner.run(script, keys, args);
    };

    @Override
    Admission admission() {
        return new RedisAdmission(runner, runner, KeySpace.DEFAULT, scope -> {});
    }

    @Override
    MessageQueue queue() {
        return MessageQueues.onRedis(
                runner, runner, KeySpace.DEFAULT, bot -> LIMITS, QueueSettings.DEFAULT, new Random(7));
    }
}
