package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.Breaker.State;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GuardedRunnerTest {
    private static final Script SCRIPT = Script.ofSource("test/any", "return 1");

    private final ScriptedRedis redis = new ScriptedRedis();
    private final ManualTimer timer = new ManualTimer();
    private final List<String> events = new ArrayList<>();
    private final GuardedRunner runner = new GuardedRunner(
            redis,
            Breaker.Settings.DEFAULT,
            new RedisEvents() {
                @Override
                public void breakerChanged(String shard, State state) {
                    events.add(shard + " " + state);
                }

                @Override
                public void failed(String script, Reason reason) {
                    events.add(script + " " + reason);
                }
            },
            timer);

    @Test
    void a_silent_redis_is_asked_three_times_and_then_left_alone() {
        redis.failure = unavailable(Reason.NO_REPLY);
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> run("a")).isInstanceOf(RedisUnavailableException.class);
        }

        assertThat(redis.calls).isEqualTo(3);
        assertThat(events)
                .startsWith("a OPEN")
                .contains("test/any BREAKER_OPEN")
                .hasSize(1 + 7);
        assertThat(runner.isClosed()).isFalse();
    }

    @Test
    void a_call_refused_by_the_breaker_has_certainly_not_run() {
        redis.failure = unavailable(Reason.NOT_CONNECTED);
        assertThatThrownBy(() -> run("a")).isInstanceOf(RedisUnavailableException.class);

        assertThatThrownBy(() -> run("a")).isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.BREAKER_OPEN);
            assertThat(e.mayHaveRun()).isFalse();
        });
        assertThat(redis.calls).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"OUT_OF_MEMORY", "READ_ONLY", "REFUSED", "MOVING", "INTERRUPTED"})
    void a_redis_that_answers_is_asked_again_whatever_it_says(Reason reason) {
        redis.failure = unavailable(reason);
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> run("a")).isInstanceOf(RedisUnavailableException.class);
        }

        assertThat(redis.calls).isEqualTo(10);
        assertThat(runner.isClosed()).isTrue();
    }

    @Test
    void one_dead_cluster_node_leaves_the_others_working() {
        redis.failure = unavailable(Reason.NOT_CONNECTED);
        assertThatThrownBy(() -> run("a")).isInstanceOf(RedisUnavailableException.class);
        redis.failure = null;

        assertThat(run("b").number(0)).isEqualTo(1);
        assertThatThrownBy(() -> run("a")).isInstanceOf(RedisUnavailableException.class);
    }

    @Test
    void a_sign_of_life_in_the_background_lets_calls_through_again() {
        redis.failure = unavailable(Reason.NOT_CONNECTED);
        assertThatThrownBy(() -> run("a")).isInstanceOf(RedisUnavailableException.class);
        timer.runNext();
        assertThat(runner.isClosed()).isFalse();

        redis.failure = null;
        timer.runNext();

        assertThat(run("a").number(0)).isEqualTo(1);
        assertThat(redis.pinged).containsExactly("a", "a");
        assertThat(events).containsExactly("a OPEN", "a CLOSED");
    }

    private ScriptReply run(String key) {
        return runner.run(SCRIPT, List.of(key), List.of());
    }

    private static RedisUnavailableException unavailable(Reason reason) {
        return new RedisUnavailableException(reason, "scripted", false, null);
    }

    /** Each key is a shard of its own. */
    private static final class ScriptedRedis implements ShardedRunner {
        private @Nullable RuntimeException failure;
        private int calls;
        private final List<String> pinged = new ArrayList<>();

        @Override
        public String shardOf(List<String> keys) {
            return keys.getFirst();
        }

        @Override
        public Duration ping(String shard) {
            pinged.add(shard);
            if (failure != null) {
                throw failure;
            }
            return Duration.ofMillis(1);
        }

        @Override
        public ScriptReply run(Script script, List<String> keys, List<byte[]> args) {
            calls++;
            if (failure != null) {
                throw failure;
            }
            return new ScriptReply(script.name(), List.of(1L));
        }
    }
}
