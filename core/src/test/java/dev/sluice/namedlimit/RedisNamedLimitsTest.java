package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisNamedLimitsTest extends NamedLimitsContract {
    private static final long WITHOUT_TTL = -1;
    private static final String DEFINITIONS = "sluice:rate_limit:{limits}:definitions";

    private final SharedRedis redis = RedisFixture.shared();
    private final AtomicInteger scripts = new AtomicInteger();

    @Override
    NamedLimits limits(SettableMicros itsClock) {
        TestClockRunner runner = redis.clockRunner();
        return new RedisNamedLimits(
                (script, keys, args) -> {
                    scripts.incrementAndGet();
                    runner.setNow(itsClock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_but_the_definitions_has_a_ttl() {
        for (String key : redis.commands().keys("*")) {
            if (!key.equals(DEFINITIONS)) {
                assertThat(redis.commands().pttl(key)).as(key).isNotEqualTo(WITHOUT_TTL);
            }
        }
    }

    @Test
    void a_question_is_one_script_and_a_definition_of_another_process_holds_for_it_at_once() {
        NamedLimits other = limits(clock);
        limits.define(THREE);
        assertThat(other.acquire(PAY).remaining()).isEqualTo(2);
        assertThat(limits.acquire(PAY).remaining()).isEqualTo(1);

        NamedLimit two = NamedLimit.atMost("payments", 2, MINUTE);
        limits.define(two);
        scripts.set(0);
        assertThat(other.acquire(PAY)).isEqualTo(new Passage.Denied(two, 0, MINUTE, true));
        assertThat(scripts).hasValue(1);
    }

    @Test
    void a_subject_stands_in_no_key_and_in_no_value() {
        limits.define(THREE);
        limits.acquire(PAY.by("Secret Ann"));
        limits.acquire(PAY);

        assertThat(redis.commands().keys("*"))
                .containsExactlyInAnyOrder(
                        DEFINITIONS,
                        "sluice:rate_limit:{limits}:payments:-",
                        "sluice:rate_limit:{limits}:payments:5bd580e77d7fda9a4f3c93a7e07acea9")
                .noneMatch(key -> key.toLowerCase(Locale.ROOT).contains("ann"));
    }

    @Test
    void definitions_can_be_read_by_people() {
        limits.define(THREE);
        limits.define(NamedLimit.smooth("api", 100, MINUTE, 5).withShadow(true));

        assertThat(definition("payments")).isEqualTo("W 3 60000000 on 3 60000");
        assertThat(definition("api")).isEqualTo("G 5 600000 shadow 100 60000");
        limits.remove("api");
        limits.remove("payments");
        assertThat(redis.commands().keys("*")).isEmpty();
    }

    @Test
    void what_somebody_else_wrote_as_a_definition_is_an_error_and_lets_nobody_pass() {
        limits.define(THREE);
        redis.commands().hset(DEFINITIONS, "payments", "3".getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(() -> limits.acquire(PAY)).isInstanceOf(RedisException.class);
        assertThatThrownBy(limits::list)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the definition of limit 'payments' cannot be read");
        limits.define(THREE);
        assertThat(limits.acquire(PAY).passes()).isTrue();
    }

    @Test
    void when_redis_was_wiped_limits_are_unknown() {
        limits.define(THREE);
        redis.flush();

        assertThatThrownBy(() -> limits.acquire(PAY)).isInstanceOf(UnknownLimitException.class);
        assertThat(redis.commands().keys("*")).isEmpty();
    }

    @Test
    void limits_can_be_shown_and_removed_and_a_refusal_changes_nothing_when_memory_is_full() {
        limits.define(THREE);
        limits.acquire(PAY);
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> limits.acquire(PAY)).isInstanceOf(RedisException.class);
            assertThatThrownBy(() -> limits.define(THREE.withShadow(true))).isInstanceOf(RedisException.class);
            assertThat(limits.usage(PAY).used()).isEqualTo(1);
            assertThat(limits.list()).containsExactly(THREE);
            assertThat(limits.remove("payments")).isTrue();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }

    @Test
    void a_clock_that_jumps_back_keeps_nobody_out_for_longer_than_a_window() {
        limits.define(THREE);
        limits.acquire(PAY.weighing(3));
        clock.advance(Duration.ofHours(-5));

        assertThat(limits.usage(PAY)).isEqualTo(new LimitUsage(THREE, 3, 0, MINUTE));
        assertThat(limits.acquire(PAY)).isEqualTo(new Passage.Denied(THREE, 0, MINUTE, true));
        clock.advance(MINUTE);
        assertThat(limits.acquire(PAY).passes()).isTrue();
    }

    @Test
    void a_clock_that_jumps_back_lets_nobody_pass_a_smooth_limit_earlier() {
        limits.define(NamedLimit.smooth("api", 1, MINUTE, 1));
        limits.acquire(Use.of("api"));
        clock.advance(Duration.ofSeconds(-10));

        assertThat(limits.usage(Use.of("api")).resetsIn()).isEqualTo(MINUTE);
        assertThat(limits.acquire(Use.of("api")))
                .isEqualTo(new Passage.Denied(NamedLimit.smooth("api", 1, MINUTE, 1), 0, MINUTE, true));
    }

    private String definition(String name) {
        return new String(redis.commands().hget(DEFINITIONS, name), StandardCharsets.US_ASCII);
    }
}
