package dev.sluice.fsm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.encryption.KeyRing;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.state.UnreadableStateException;
import io.lettuce.core.RedisException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisFsmStorageTest extends FsmStorageContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final KeyRing ring = KeyRing.random();
    private final ScriptRunner byClock = redis.clockRunner().by(clock);
    private final FsmStorage storage = FsmStorage.onRedis(byClock, KeySpace.DEFAULT, KEEP, ring, StateEvents.NONE);

    @Override
    FsmStorage storage() {
        return storage;
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl_and_shows_ids_and_digests_only() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:fsm:\\{-?\\d+}:\\d+:-?\\d+:\\d+:(default|[0-9a-f]{32})");
            assertThat(redis.commands().pttl(key)).as(key).isBetween(1L, KEEP.toMillis());
            redis.commands().hkeys(key).forEach(field -> assertThat(field).matches("[vsftnb]|d:[0-9a-f]{32}"));
        }
    }

    @Test
    void neither_names_nor_values_of_data_stand_in_redis() {
        storage.write(ANN, NOTHING.toState("Order:paying").put("nickname", JsonValue.of("Annabel")));
        String key = redis.commands().keys("*").getFirst();
        redis.commands().hgetall(key).forEach((field, value) -> {
            assertThat(field).doesNotContain("nickname");
            assertThat(new String(value, ISO_8859_1)).doesNotContain("Annabel", "nickname");
        });
        assertThat(redis.commands().hget(key, "s")).asString().isEqualTo("Order:paying");
    }

    @Test
    void data_that_no_known_key_opens_are_told_apart_from_none_and_can_be_cleared() {
        storage.write(ANN, NOTHING.toState("a").put("x", JsonValue.of(1)));
        FsmStorage stranger = FsmStorage.onRedis(byClock, KeySpace.DEFAULT, KEEP, KeyRing.random(), StateEvents.NONE);
        assertThatThrownBy(() -> stranger.find(ANN)).isInstanceOf(UnreadableStateException.class);
        stranger.write(ANN, FsmWrite.CLEAR);
        assertThat(stranger.find(ANN).isEmpty()).isTrue();
    }

    @Test
    void data_copied_to_another_conversation_do_not_open() {
        storage.write(ANN, NOTHING.put("x", JsonValue.of(1)));
        storage.write(ANN.withThread(9), NOTHING.put("x", JsonValue.of(2)));
        String from = "sluice:fsm:{42}:77:-100123:0:default";
        String field = redis.commands().hkeys(from).stream()
                .filter(name -> name.startsWith("d:"))
                .findFirst()
                .orElseThrow();
        redis.commands()
                .hset(
                        "sluice:fsm:{42}:77:-100123:9:default",
                        field,
                        redis.commands().hget(from, field));
        assertThatThrownBy(() -> storage.find(ANN.withThread(9))).isInstanceOf(UnreadableStateException.class);
    }

    /** Crash between steps: Redis did it, and nobody was told. */
    @Test
    void a_write_whose_answer_was_lost_is_whole_and_repeated_on_its_version_does_nothing_twice() {
        var loses = new AtomicBoolean(true);
        ScriptRunner losing = (script, keys, args) -> {
            var reply = byClock.run(script, keys, args);
            if (loses.getAndSet(false)) {
                throw new RedisUnavailableException("the answer was lost", true, null);
            }
            return reply;
        };
        FsmStorage troubled = FsmStorage.onRedis(losing, KeySpace.DEFAULT, KEEP, ring, StateEvents.NONE);
        FsmWrite write = NOTHING.ifVersion(0).toState("paid").put("order", JsonValue.of(17));
        assertThatThrownBy(() -> troubled.write(ANN, write))
                .isInstanceOfSatisfying(
                        RedisUnavailableException.class,
                        e -> assertThat(e.mayHaveRun()).isTrue());
        assertThat(troubled.write(ANN, write)).isInstanceOf(FsmAnswer.Unexpected.class);
        Conversation found = troubled.find(ANN);
        assertThat(found.state()).contains("paid");
        assertThat(found.value("order")).contains(JsonValue.of(17));
    }

    @Test
    void when_memory_is_full_looks_removals_and_clearing_work_and_what_adds_changes_nothing() {
        storage.write(ANN, NOTHING.toState("a").put("x", JsonValue.of(1)).put("y", JsonValue.of(2)));
        Conversation before = storage.find(ANN);
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> storage.write(ANN, NOTHING.toState("b").replacing(before.data())))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThat(storage.find(ANN)).isEqualTo(before);
            storage.write(ANN, NOTHING.remove("x"));
            assertThat(storage.find(ANN).data()).containsOnlyKeys("y");
            storage.write(ANN, FsmWrite.CLEAR);
            assertThat(storage.find(ANN).isEmpty()).isTrue();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }
}
