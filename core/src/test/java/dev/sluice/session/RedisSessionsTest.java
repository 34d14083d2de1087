package dev.sluice.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.encryption.KeyRing;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import io.lettuce.core.RedisException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisSessionsTest extends SessionsContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final Sessions sessions =
            Sessions.onRedis(redis.clockRunner().by(clock), KeySpace.DEFAULT, KEEP, KeyRing.random(), StateEvents.NONE);

    @Override
    Sessions sessions() {
        return sessions;
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl_and_shows_ids_and_digests_only() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:session:\\{\\d+}:\\d+");
            assertThat(redis.commands().pttl(key)).as(key).isBetween(1L, KEEP.toMillis());
            redis.commands()
                    .hkeys(key)
                    .forEach(field -> assertThat(field).matches("[vtah]|[ah]:\\d+|[sx]:[0-9a-f]{32}"));
        }
    }

    @Test
    void nothing_of_a_session_can_be_read_in_redis_and_what_ended_is_removed_by_the_next_write() {
        sessions.write(
                ANN,
                NOTHING.action(JsonValue.of("Annabel"))
                        .history(JsonValue.of("Annabel"))
                        .set("Annabel", JsonValue.of("Annabel"), Duration.ofSeconds(1)));
        String key = redis.commands().keys("*").getFirst();
        redis.commands()
                .hgetall(key)
                .forEach((field, value) ->
                        assertThat(field + new String(value, ISO_8859_1)).doesNotContain("Annabel"));
        assertThat(redis.commands().hlen(key)).isEqualTo(8);
        clock.advance(Duration.ofSeconds(1));
        sessions.write(ANN, NOTHING.history(JsonValue.NULL));
        assertThat(redis.commands().hlen(key)).isEqualTo(7);
        assertThat(sessions.find(ANN).history()).hasSize(2);
    }

    @Test
    void when_memory_is_full_looks_removals_and_clearing_work_and_what_adds_changes_nothing() {
        sessions.write(ANN, NOTHING.set("x", JsonValue.of(1)).set("y", JsonValue.of(2)));
        Session before = sessions.find(ANN);
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> sessions.write(ANN, NOTHING.remove("x").history(JsonValue.NULL)))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThat(sessions.find(ANN)).isEqualTo(before);
            sessions.write(ANN, NOTHING.remove("x"));
            assertThat(sessions.find(ANN).settings()).containsOnlyKeys("y");
            sessions.write(ANN, SessionWrite.CLEAR);
            assertThat(sessions.find(ANN).isEmpty()).isTrue();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }
}
