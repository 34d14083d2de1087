package dev.sluice.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisBroadcastStoreTest extends BroadcastStoreContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clockRunner = redis.clockRunner();
    private final ScriptRunner runner = (script, keys, args) -> {
        clockRunner.setNow(clock.getAsLong());
        return clockRunner.run(script, keys, args);
    };

    @Override
    MessageQueue queue(QueueSettings settings) {
        return MessageQueues.onRedis(
                runner, runner, KeySpace.DEFAULT, bot -> NO_LIMITS, settings, RandomGenerator.getDefault());
    }

    @Override
    BroadcastStore store(MessageQueue itsQueue, QueueSettings queueSettings, BroadcastSettings settings) {
        return Broadcasts.onRedis(runner, KeySpace.DEFAULT, queueSettings.bound(), settings);
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    /** Every key has a TTL, or belongs to a broadcast that has not ended. */
    @AfterEach
    void keys_have_owners() {
        String prefix = key("");
        List<String> active = store.unfinished(BOT).stream()
                .map(id -> prefix + id.number() + ":")
                .toList();
        for (String key : redis.commands().keys(prefix + "*")) {
            boolean owned = active.stream().anyMatch(key::startsWith)
                    || !active.isEmpty() && (key.equals(prefix + "all") || key.equals(prefix + "active"))
                    || key.startsWith(prefix + "key:") && !active.isEmpty();
            assertThat(redis.commands().pttl(key) > 0).as(key).isNotEqualTo(owned);
        }
        for (BroadcastId id : store.unfinished(BOT)) {
            Progress progress = progress(id);
            byte[] marks = redis.commands().get(key(id.number() + ":results"));
            assertThat(marks).hasSize(progress.accepted());
            assertThat(count(marks, 'Q')).isEqualTo(progress.queued());
            if (progress.status() != BroadcastStatus.CANCELLED) {
                assertThat(count(marks, '\0')).isEqualTo(progress.waiting());
            }
        }
    }

    private static long count(byte[] marks, char mark) {
        long count = 0;
        for (byte found : marks) {
            count += found == mark ? 1 : 0;
        }
        return count;
    }

    private static String key(String rest) {
        return KeySpace.DEFAULT.key("broadcast", BOT.toString(), rest);
    }

    @Test
    void what_has_ended_goes_by_itself_and_a_draft_too() {
        BroadcastId draft = draft(1);
        assertThat(redis.commands().pttl(key(draft.number() + ":recipients")))
                .isBetween(1L, SETTINGS.draft().toMillis());
        BroadcastId id = running(3);
        drain(id);

        for (String rest : List.of(":state", ":recipients", ":results")) {
            assertThat(redis.commands().pttl(key(id.number() + rest)))
                    .as(rest)
                    .isBetween(
                            SETTINGS.keep().minusMinutes(1).toMillis(),
                            SETTINGS.keep().toMillis());
        }
        assertThat(redis.commands().keys(key(id.number() + ":window"))).isEmpty();
        assertThat(redis.commands().keys("sluice:msg_queue:{42}:m:*")).isEmpty();
    }

    @Test
    void the_list_goes_with_the_last_that_is_known_and_does_not_grow_although_nobody_reads_it() {
        drain(running(1));
        assertThat(redis.commands().pttl(key("all")))
                .isBetween(1L, SETTINGS.keep().toMillis());
        BroadcastId second = running(1);
        assertThat(redis.commands().pttl(key("all"))).as("as long as one runs").isEqualTo(-1);
        BroadcastId first = new BroadcastId(
                BOT, store.list(BOT, OptionalLong.empty(), 10).getLast().number());
        redis.commands().del(key(first.number() + ":state"));
        drain(second);

        assertThat(redis.commands().zrange(key("all"), 0, -1))
                .containsExactly(Long.toString(second.number()).getBytes(StandardCharsets.US_ASCII));
        assertThat(redis.commands().pttl(key("all")))
                .isBetween(1L, SETTINGS.keep().toMillis());
    }

    @Test
    void one_that_has_gone_leaves_the_list_and_its_bot_is_looked_at_no_more() {
        BroadcastId id = running(1);
        drain(id);
        redis.commands().del(key(id.number() + ":state"));

        assertThat(store.list(BOT, OptionalLong.empty(), 10)).isEmpty();
        assertThat(redis.commands().exists(key("all"))).isZero();
        assertThat(store.bots()).contains(BOT);
        clock.advance(Duration.ofDays(2));
        assertThat(store.unfinished(BOT)).isEmpty();
        assertThat(store.bots()).isEmpty();
    }

    @Test
    void when_memory_is_full_uploads_and_feeding_are_refused_and_tending_goes_on() {
        BroadcastId id = running(20);
        feed(id);
        Leased leased = claim(1).getFirst();
        settle(leased, new Ending.Sent(bytes("")));
        BroadcastId draft = draft(1);
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThatThrownBy(() -> store.add(draft, 1, bytes("more"))).isInstanceOf(RedisException.class);
            assertThatThrownBy(() -> store.start(draft, to(1))).isInstanceOf(RedisException.class);
            assertThat(tend(id).ended()).isEqualTo(Map.of(RecipientOutcome.SENT, 1));
            assertThatThrownBy(() -> store.feed(id, List.of(feeding(15)))).isInstanceOf(RedisException.class);
            assertThat(store.pause(id)).isEqualTo(BroadcastChange.DONE);
            tend(id);
            assertThat(progress(id).waiting()).isEqualTo(19);
            assertThat(store.cancel(id)).isEqualTo(BroadcastChange.DONE);
            tend(id);
            assertThat(progress(id).ended()).isPresent();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }
}
