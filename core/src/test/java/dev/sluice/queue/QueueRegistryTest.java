package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueRegistryTest {
    private static final BotId BOT = new BotId(1000);

    private final SharedRedis redis = RedisFixture.shared();

    /** What is to be done later: when the test says so. */
    private final Queue<Runnable> later = new ArrayDeque<>();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void a_bot_that_redis_has_lost_is_there_again_although_nobody_enqueues_any_more() {
        var registry = new QueueRegistry(redis.runner(), KeySpace.DEFAULT, later::add);
        registry.register(BOT);
        redis.flush();

        registry.register(BOT);
        later.remove().run();

        assertThat(registry.all()).containsExactly(BOT);
    }

    @Test
    void one_that_is_named_after_its_queue_was_found_empty_is_not_forgotten() {
        var runner = redis.clockRunner();
        var looking = new QueueRegistry(runner, KeySpace.DEFAULT, later::add);
        new QueueRegistry(runner, KeySpace.DEFAULT, never -> {}).register(BOT);
        runner.advance(Duration.ofDays(31));

        assertThat(looking.forget(Duration.ofDays(30), bot -> {
                    new QueueRegistry(runner, KeySpace.DEFAULT, never -> {}).register(BOT);
                    return true;
                }))
                .isEmpty();
        assertThat(looking.all()).containsExactly(BOT);
    }

    @Test
    void those_that_have_something_hold_nobody_up_behind_them() {
        var runner = redis.clockRunner();
        var registry = new QueueRegistry(runner, KeySpace.DEFAULT, never -> {});
        for (int i = 0; i < QueueRegistry.MOST_LOOKED_AT; i++) {
            registry.register(new BotId(2000 + i));
        }
        runner.advance(Duration.ofSeconds(1));
        registry.register(BOT);
        runner.advance(Duration.ofDays(31));

        assertThat(registry.forget(Duration.ofDays(30), BOT::equals)).isEmpty();
        assertThat(registry.forget(Duration.ofDays(30), BOT::equals)).containsExactly(BOT);
        assertThat(registry.all()).hasSize(QueueRegistry.MOST_LOOKED_AT);
    }

    @Test
    void while_redis_is_away_it_is_tried_again() {
        var away = new AtomicBoolean();
        var registry = new QueueRegistry(
                (script, keys, args) -> {
                    if (away.get()) {
                        throw new RedisUnavailableException("away", false, null);
                    }
                    return redis.runner().run(script, keys, args);
                },
                KeySpace.DEFAULT,
                later::add);
        registry.register(BOT);
        redis.flush();
        away.set(true);
        for (int i = 0; i < 3; i++) {
            later.remove().run();
        }

        away.set(false);
        assertThat(registry.all()).isEmpty();
        later.remove().run();
        assertThat(registry.all()).containsExactly(BOT);
        assertThat(later).as("it is there").isEmpty();
    }
}
