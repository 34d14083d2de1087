package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import org.junit.jupiter.api.AfterEach;

class RedisFencesTest extends FencesContract {
    private final SharedRedis redis = RedisFixture.shared();

    RedisFencesTest() {
        redis.flush();
    }

    @Override
    Fences fences() {
        return Fences.onRedis(redis.runner(), KeySpace.DEFAULT);
    }

    @AfterEach
    void every_key_has_a_ttl_and_none_a_name() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:locks:\\{[0-9a-f]{32}}:fenced");
            assertThat(redis.commands().pttl(key)).isBetween(1L, DAY.toMillis());
        }
    }
}
