package dev.sluice.history;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.encryption.KeyRing;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import io.lettuce.core.RedisException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisHistoriesTest extends HistoriesContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final ScriptRunner runner = byClock();
    private final KeyRing ring = KeyRing.random();

    private ScriptRunner byClock() {
        var settable = redis.clockRunner();
        return (script, keys, args) -> {
            synchronized (settable) {
                settable.setNow(clock.getAsLong());
                return settable.run(script, keys, args);
            }
        };
    }

    @Override
    HistoriesBuilder builder() {
        return Histories.onRedis(runner, KeySpace.DEFAULT).sealer(ring);
    }

    @Override
    List<Histories> replicas() {
        return List.of(made(builder()), made(builder()), made(builder()));
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    /** Of every type that there is: a hash. */
    private String allOfRedis() {
        var all = new StringBuilder();
        for (String key : redis.commands().keys("*")) {
            all.append(key);
            redis.commands()
                    .hgetall(key)
                    .forEach((field, value) ->
                            all.append(' ').append(field).append(' ').append(new String(value, ISO_8859_1)));
        }
        return all.toString();
    }

    @AfterEach
    void every_key_has_a_ttl_and_shows_ids_and_digests_only() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:recent_history:\\{-?\\d+}:\\d+");
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .isBetween(1L, SETTINGS.keep().toMillis());
            redis.commands().hkeys(key).forEach(field -> assertThat(field).matches("[vtlifx]|e:[0-9a-f]{32}"));
        }
    }

    @Test
    void nothing_that_was_said_can_be_read_in_redis_and_what_was_trimmed_is_gone() {
        Histories histories = made(builder());
        histories.append(
                ANN, List.of(says("Annabel").id("Annabel's id"), says("x").id("Annabel")));
        for (int i = 0; i < 200; i++) {
            histories.append(ANN, List.of(says("Annabel " + i)));
        }
        assertThat(allOfRedis()).doesNotContain("Annabel");
        assertThat(redis.commands().hlen("sluice:recent_history:{42}:77")).isEqualTo(70 + 4);
        assertThat(texts(made(builder()).read(ANN))).hasSize(70).endsWith("Annabel 199");
    }

    @Test
    void what_another_key_sealed_is_left_out_and_said_to_be_missing() {
        made(builder()).append(ANN, List.of(says("a")));
        Histories stranger = made(Histories.onRedis(runner, KeySpace.DEFAULT).sealer(KeyRing.random()));
        stranger.append(ANN, List.of(says("b")));
        History read = stranger.read(ANN);
        assertThat(texts(read)).containsExactly("b");
        assertThat(read.complete()).isFalse();
    }

    @Test
    void of_a_user_of_level_none_not_even_what_is_sealed_is_in_redis_and_what_was_there_is_purged() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("Annabel")));
        histories.append(GROUP, List.of(says("Annabel").from(42), says("Bert").from(43)));
        levels.set(42, PrivacyLevel.NONE);
        assertThat(histories.forgetText(42)).isEqualTo(2);
        histories.append(ANN, List.of(says("Annabel"), NewEntry.of(ChatRole.ASSISTANT, "Hello, Annabel")));
        histories.append(GROUP, List.of(says("Annabel").from(42)));
        assertThat(redis.commands().keys("*")).containsExactly("sluice:recent_history:{-100123}:77");
        // Opened with the key: so nothing of it is there in any form.
        assertThat(histories.lists().orElseThrow().read(GROUP, Selection.ALL).entries())
                .extracting(kept ->
                        new HistorySeals(ring).read(GROUP, kept).orElseThrow().text())
                .containsExactly("Bert");
        assertThat(redis.commands().hkeys("sluice:recent_history:{-100123}:77"))
                .filteredOn(f -> f.startsWith("e:"))
                .hasSize(1);
        assertThat(texts(histories.read(GROUP))).containsExactly("Bert", "Annabel");
        assertThat(texts(histories.read(ANN))).containsExactly("Annabel", "Hello, Annabel");
        assertThat(made(builder()).read(ANN).isEmpty()).isTrue();
    }

    @Test
    void of_a_user_who_is_forgotten_no_key_has_even_the_id() {
        Histories histories = made(builder());
        for (int chat = 1; chat <= 1_500; chat++) {
            histories.lists().orElseThrow().append(new HistoryKey(GROUP.bot(), -chat), List.of(line("x")));
        }
        histories.append(ANN, List.of(says("a")));
        histories.append(new HistoryKey(new BotId(78), 42), List.of(says("b")));
        histories.append(GROUP, List.of(says("theirs").from(42)));
        redis.commands().set("sluice:recent_history:{nobody}:x", new byte[0]);
        assertThat(histories.forget(42)).isEqualTo(3);
        redis.commands().del("sluice:recent_history:{nobody}:x");
        assertThat(redis.commands().keys("*{42}*")).isEmpty();
        assertThat(redis.commands().hget("sluice:recent_history:{-100123}:77", "i"))
                .isEmpty();
        assertThat(redis.commands().keys("*")).hasSize(1_501);
    }

    @Test
    void when_memory_is_full_reads_clearing_and_forgetting_work_and_what_adds_changes_nothing() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a")));
        histories.append(GROUP, List.of(says("b").from(42), says("c").from(43)));
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> histories.append(ANN, List.of(says("d"))))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("OOM");
            assertThat(texts(histories.read(ANN))).containsExactly("a");
            assertThat(histories.lists().orElseThrow().forget(42)).isEqualTo(2);
            assertThat(texts(histories.read(GROUP))).containsExactly("c");
            assertThat(histories.lists().orElseThrow().clear(GROUP, true)).isEqualTo(1);
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }

    @Test
    void of_three_replicas_one_loads() throws Exception {
        var database = new Database();
        database.append(ANN, List.of(says("a")));
        int readers = 300;
        var asking = new CountDownLatch(readers);
        // Not before all have asked: so they meet the load under way.
        HistoryStore slow = (key, bounds) -> {
            assertThat(asking.await(20, TimeUnit.SECONDS)).isTrue();
            return database.load(key, bounds);
        };
        List<Histories> replicas = List.of(
                made(builder().store(slow)),
                made(builder().store(slow)),
                made(builder().store(slow)));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var reads = new ArrayList<Future<History>>();
            for (int i = 0; i < readers; i++) {
                Histories replica = replicas.get(i % 3);
                reads.add(threads.submit(() -> {
                    asking.countDown();
                    return replica.read(ANN);
                }));
            }
            for (var read : reads) {
                assertThat(texts(read.get())).containsExactly("a");
            }
        }
        assertThat(database.loads).hasValue(1);
    }
}
