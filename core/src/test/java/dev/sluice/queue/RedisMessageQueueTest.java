package dev.sluice.queue;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class RedisMessageQueueTest extends MessageQueueContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clockRunner = redis.clockRunner();
    private final ScriptRunner runner = (script, keys, args) -> {
        clockRunner.setNow(clock.getAsLong());
        return clockRunner.run(script, keys, args);
    };

    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        return MessageQueues.onRedis(
                runner, runner, KeySpace.DEFAULT, limitsOfBots, settings, RandomGenerator.getDefault());
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void keys_agree_with_counters_and_have_owners() {
        new RedisQueueAudit(redis.commands(), BOT).check(queue.statistics(BOT));
    }
}
