package dev.sluice.privacy;

import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;

class RedisOwedForgettingsTest extends OwedForgettingsContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    private final SettableMicros clock = new SettableMicros();
    private final RedisPrivacyLevels levels = new RedisPrivacyLevels(
            (script, keys, args) -> {
                synchronized (runner) {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                }
            },
            KeySpace.DEFAULT,
            1_000,
            3,
            System::nanoTime,
            new PersonalDataRegistry(),
            MendListener.NONE);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Override
    StoredLevels levels() {
        return levels;
    }

    @Override
    void elapse(Duration time) {
        clock.advance(time);
        levels.look();
    }
}
