package dev.sluice.server.bots;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.server.bots.BotStore.Kept;
import dev.sluice.telegram.BotId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisBotStoreTest extends BotStoreContract {
    private static final String KEY = "sluice:bots:{all}:registered";

    private final SharedRedis redis = RedisFixture.shared();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Override
    BotStore store() {
        return new RedisBotStore(redis.runner(), KeySpace.DEFAULT);
    }

    @Override
    void fill(BotStore store, int count) {
        Map<String, byte[]> bots = new HashMap<>();
        for (int id = 1; id <= count; id++) {
            var json = new String(BotRecordJson.write(record(new BotId(id))), UTF_8);
            bots.put(Integer.toString(id), ("7 " + json).getBytes(UTF_8));
        }
        bots.put("revision", "7".getBytes(UTF_8));
        redis.commands().hset(KEY, bots);
    }

    @Override
    void fillLimits(BotStore store, int count, SetLimits limits) {
        Map<String, byte[]> all = new HashMap<>();
        for (int id = 1; id <= count; id++) {
            all.put(Integer.toString(id), ("7 " + new String(SetLimitsJson.write(limits), UTF_8)).getBytes(UTF_8));
        }
        redis.commands().hset("sluice:bots:{all}:limits", all);
    }

    @Test
    void limits_that_cannot_be_read_cost_only_their_own_bot() {
        store().putLimits(BOT, SetLimits.NONE.withShadow(Optional.of(true)), BotStore.ABSENT);
        redis.commands().hset("sluice:bots:{all}:limits", "77", "3 {\"bot\":\"many\"}".getBytes(UTF_8));

        assertThat(store().read().limits().keySet()).containsExactly(BOT.value());
    }

    @Test
    void a_change_of_one_process_is_read_by_the_others() {
        var one = store();
        var other = store();
        other.read();
        one.put(record(BOT), BotStore.ABSENT);

        assertThat(other.known().orElseThrow().bots()).isEmpty();
        assertThat(other.read().find(BOT)).isPresent();
        assertThat(other.known().orElseThrow().find(BOT)).isPresent();
    }

    @Test
    void nothing_is_known_before_the_first_reading() {
        assertThat(store().known()).isEmpty();
    }

    @Test
    void what_has_not_changed_is_not_sent_again() {
        store().put(record(BOT), BotStore.ABSENT);
        var values = new AtomicInteger();
        var store = new RedisBotStore(
                (script, keys, args) -> {
                    var reply = redis.runner().run(script, keys, args);
                    values.set(reply.size());
                    return reply;
                },
                KeySpace.DEFAULT);

        store.read();
        assertThat(values).hasValue(4);
        store.read();
        assertThat(values).hasValue(1);
    }

    @Test
    void after_a_wipe_nothing_is_left_and_revisions_go_on() {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        long before = kept(store, BOT).revision();
        redis.flush();

        assertThat(store.read().bots()).isEmpty();
        store.put(record(BOT), BotStore.ABSENT);
        assertThat(kept(store, BOT).revision()).isGreaterThan(before);
    }

    @Test
    void a_record_that_cannot_be_read_costs_only_its_own_bot() {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        redis.commands().hset(KEY, "7", "5 {\"bot\":7".getBytes(UTF_8));
        redis.commands().hset(KEY, "8", "5 {\"bot\":8,\"added\":\"yesterday\"}".getBytes(UTF_8));
        redis.commands().hset(KEY, "9", "not even a revision".getBytes(UTF_8));
        redis.commands().hset(KEY, "revision", "99999999999999999".getBytes(UTF_8));

        assertThat(store.read().bots().keySet()).containsExactly(BOT.value());
    }

    @Test
    void all_is_in_one_key_without_a_ttl() {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        store.put(record(new BotId(2)), BotStore.ABSENT);

        assertThat(redis.commands().keys("*")).containsExactly(KEY);
        assertThat(redis.commands().ttl(KEY)).isEqualTo(-1);
        Kept kept = kept(store, BOT);
        store.remove(BOT, kept.revision());
        assertThat(redis.commands().hlen(KEY)).isEqualTo(2);
    }
}
