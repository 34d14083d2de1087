package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisFixtureTest {
    private static final Script ECHO = Script.ofSource(
            "test/echo",
            new Script.Part(Script.class, Script.SERVER_TIME).read()
                    + "return {string.format('%.0f', now), #ARGV, ARGV[1], KEYS[1]}");

    @BeforeEach
    void flush() {
        RedisFixture.shared().flush();
    }

    @Test
    void a_script_runs_by_the_servers_clock() {
        ScriptReply reply = RedisFixture.shared().runner().run(ECHO, List.of("k"), List.of(bytes("a")));

        assertThat(reply.number(0)).isGreaterThan(1_700_000_000_000_000L);
        assertThat(reply.number(1)).isEqualTo(1);
        assertThat(reply.text(2)).isEqualTo("a");
        assertThat(reply.text(3)).isEqualTo("k");
    }

    @Test
    void the_same_script_runs_by_the_tests_clock_and_sees_only_its_own_arguments() {
        TestClockRunner runner = RedisFixture.shared().clockRunner();
        runner.setNow(1_000);
        runner.advance(Duration.ofMillis(2));

        ScriptReply reply = runner.run(ECHO, List.of("k"), List.of(bytes("a")));

        assertThat(reply.number(0)).isEqualTo(3_000);
        assertThat(reply.number(1)).isEqualTo(1);
    }

    @Test
    void a_killed_redis_comes_back_on_its_port_with_its_data() {
        try (RedisProcess redis = RedisFixture.start("appendonly yes", "appendfsync always")) {
            long firstPid = redis.pid();
            try (RedisClient client = RedisClient.create(redis.uri())) {
                client.connect().sync().set("k", "v");
            }

            redis.kill();
            assertThat(redis.isRunning()).isFalse();
            redis.restart();

            assertThat(redis.pid()).isNotEqualTo(firstPid);
            try (RedisClient client = RedisClient.create(redis.uri())) {
                assertThat(client.connect().sync().get("k")).isEqualTo("v");
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
