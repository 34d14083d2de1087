package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What processes on one Redis hear of each other. */
class WorkNewsTest {
    private static final BotId BOT = new BotId(42);
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);

    private final SharedRedis redis = RedisFixture.shared();
    private final List<BotId> heard = new CopyOnWriteArrayList<>();
    private final List<RedisStore> stores = new ArrayList<>();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void close() {
        stores.forEach(RedisStore::close);
    }

    /** A process of its own, as far as Redis can tell. */
    private MessageQueue process(String url) {
        RedisStore store = RedisStore.connect(RedisFixture.patient(url), RedisEvents.NONE);
        stores.add(store);
        return MessageQueues.onRedis(
                store,
                store,
                KeySpace.DEFAULT,
                bot -> TelegramLimits.DOCUMENTED,
                QueueSettings.DEFAULT,
                RandomGenerator.getDefault(),
                never -> {},
                store);
    }

    private MessageQueue listening(String url) {
        MessageQueue queue = process(url);
        assertThat(queue.isListening()).isFalse();
        queue.listen(heard::add);
        await().atMost(NOT_HANGING).until(queue::isListening);
        return queue;
    }

    private static MessageId enqueue(MessageQueue queue, BotId bot, long chat) {
        var enqueued = queue.enqueue(bot, NewMessage.to(ChatId.of(chat), new byte[] {1}));
        return ((Enqueued.Added) enqueued).id();
    }

    @Test
    void what_one_process_enqueues_the_others_hear_of_once_until_one_has_found_nothing() {
        MessageQueue listener = listening(redis.uri());
        MessageQueue other = process(redis.uri());

        enqueue(other, BOT, 1);
        enqueue(other, BOT, 2);
        assertThat(listener.claim(BOT, 5).messages()).hasSize(2);
        enqueue(other, BOT, 3);
        assertThat(listener.claim(BOT, 5).messages()).hasSize(1);
        assertThat(listener.claim(BOT, 5).messages()).isEmpty();
        enqueue(other, BOT, 4);
        enqueue(other, new BotId(43), 4); // comes last: what should not be heard would be heard by now

        await().atMost(NOT_HANGING).until(() -> heard.contains(new BotId(43)));
        assertThat(heard).containsExactly(BOT, BOT, new BotId(43));
    }

    @Test
    void what_an_operator_puts_back_is_heard_of_too() {
        MessageQueue listener = listening(redis.uri());
        MessageQueue other = process(redis.uri());
        MessageId id = enqueue(other, BOT, 1);
        Leased leased = listener.claim(BOT, 1).messages().getFirst();
        listener.settle(BOT, List.of(leased.ends(new Ending.Refused("refused-400"))));
        assertThat(listener.claim(BOT, 1).messages()).isEmpty();

        other.deadLetters().requeue(id);

        await().atMost(NOT_HANGING).until(() -> heard.size() == 2);
        other.pause(BOT, new PauseScope.WholeBot());
        assertThat(listener.claim(BOT, 1).messages()).isEmpty();
        other.resume(BOT, new PauseScope.WholeBot());
        await().atMost(NOT_HANGING).until(() -> heard.size() == 3);
    }

    @Test
    void a_worker_that_waits_for_one_bot_is_woken_by_another_process() throws Exception {
        MessageQueue waiting = process(redis.uri());
        assertThat(waiting.awaitWork(BOT, 1, Duration.ofMillis(1)).messages()).isEmpty();
        await().atMost(NOT_HANGING).until(waiting::isListening);

        enqueue(process(redis.uri()), BOT, 1);

        assertThat(waiting.awaitWork(BOT, 1, NOT_HANGING).messages()).hasSize(1);
    }

    @Test
    void after_a_lost_connection_it_listens_again() {
        MessageQueue listener = listening(redis.uri());
        redis.commands().clientKill(KillArgs.Builder.typePubsub());
        await().atMost(NOT_HANGING).until(listener::isListening);
        MessageQueue other = process(redis.uri());

        // What is said while nobody listens is lost, so it is said until it is heard.
        await().atMost(NOT_HANGING).until(() -> {
            enqueue(other, BOT, 1);
            listener.claim(BOT, 500);
            listener.claim(BOT, 1);
            return !heard.isEmpty();
        });
    }

    @Test
    void whoever_may_not_publish_enqueues_all_the_same() {
        redis.commands()
                .aclSetuser(
                        "silent",
                        AclSetuserArgs.Builder.on()
                                .nopass()
                                .allKeys()
                                .allCommands()
                                .resetChannels());
        try {
            MessageQueue silent = process(redis.uri().replace("redis://", "redis://silent:x@"));
            silent.listen(heard::add);

            enqueue(silent, BOT, 1);

            assertThat(silent.claim(BOT, 1).messages()).hasSize(1);
            assertThat(silent.isListening()).isFalse();
        } finally {
            redis.commands().aclDeluser("silent");
        }
    }

    @Test
    void in_a_cluster_every_process_hears_of_every_bot() {
        try (var cluster = new ClusterFixture(3, 0)) {
            listening(cluster.uri());
            MessageQueue other = process(cluster.uri());

            for (long bot = 1; bot <= 6; bot++) {
                enqueue(other, new BotId(bot), 1);
            }

            await().atMost(NOT_HANGING).until(() -> heard.size() == 6);
        }
    }
}
