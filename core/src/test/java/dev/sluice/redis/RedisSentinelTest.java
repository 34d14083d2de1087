package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A master with one replica under one sentinel. */
class RedisSentinelTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(20);

    private SentinelFixture redis;
    private RedisStore store;

    @BeforeEach
    void start() {
        redis = new SentinelFixture();
        RedisSettings settings = RedisSettings.parse(redis.uri()).withCommandTimeout(Duration.ofSeconds(1));
        store = RedisStore.connect(settings, RedisEvents.NONE, new RedisStore.Bounds(100, Duration.ofSeconds(2)));
        await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "k") > 0);
        assertThat(store.info().mode()).isEqualTo("sentinel");
    }

    @AfterEach
    void stop() {
        store.close();
        redis.close();
    }

    @Test
    void after_a_failover_scripts_run_on_the_new_master() {
        redis.master().kill();

        awaitServiceBy(redis.replica());
    }

    /** Its connections stay open and silent, so nobody is told to look for another master. */
    @Test
    void a_frozen_master_is_left_for_the_new_one() {
        redis.master().freeze();

        awaitServiceBy(redis.replica());
    }

    private void awaitServiceBy(RedisProcess expected) {
        await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "after") > 0);
        try (RedisClient client = RedisClient.create(expected.uri())) {
            assertThat(client.connect().sync().get("after")).isNotNull();
        }
    }
}
