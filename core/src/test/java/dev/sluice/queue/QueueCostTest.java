package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a message costs Redis, in bytes and in time: told, and held to bounds that only a mistake breaks. How many messages
 * and chats says {@code -Dsluice.queue.messages}; a tenth of it are chats.
 */
@Tag("chaos")
class QueueCostTest {
    private static final Logger LOG = LoggerFactory.getLogger(QueueCostTest.class);
    private static final BotId BOT = new BotId(123_456_789);
    private static final int MESSAGES = Integer.getInteger("sluice.queue.messages", 100_000);
    private static final int CHATS = MESSAGES / 10;
    private static final int BATCH = 50;
    private static final byte[] PAYLOAD = new byte[120];

    private static final QueueSettings SETTINGS =
            QueueSettings.DEFAULT.withBound(2L * MESSAGES).withLease(Duration.ofHours(1));

    private final RandomGenerator random = RandomGenerator.of("L64X128MixRandom");

    private final SharedRedis redis = RedisFixture.shared();

    @AfterEach
    void flush() {
        redis.flush();
    }

    @Test
    void a_message_costs_redis_little_memory_and_little_time() {
        redis.flush();
        Function<BotId, TelegramLimits> limits = bot -> QueueFixture.NO_LIMITS;
        MessageQueue queue =
                MessageQueues.onRedis(redis.runner(), redis.runner(), KeySpace.DEFAULT, limits, SETTINGS, random);
        double empty = memory();
        for (int i = 0; i < MESSAGES; i += BATCH) {
            queue.enqueueAll(BOT, batch());
        }
        double bytes = (memory() - empty) / MESSAGES;
        LOG.info("{} waiting messages of {} chats: {} bytes each", MESSAGES, CHATS, bytes);
        cycle(queue, BATCH, 5 * CHATS / 10);
        cycle(queue, 1, CHATS / 10);
        assertThat(bytes).isLessThan(600);
    }

    /** Each phase takes as many as the one before, so that the backlog stays as it is. */
    private void cycle(MessageQueue queue, int batch, int messages) {
        var leased = new ArrayList<List<Leased>>();
        double enqueue = micros(messages, () -> {
            for (int i = 0; i < messages; i += batch) {
                queue.enqueueAll(BOT, batch().subList(0, batch));
            }
        });
        double claim = micros(messages, () -> {
            for (int i = 0; i < messages; i += batch) {
                leased.add(queue.claim(BOT, batch).messages());
            }
        });
        double settle = micros(
                messages,
                () -> leased.forEach(claimed -> queue.settle(
                        BOT,
                        claimed.stream()
                                .map(it -> it.ends(new Ending.Sent(new byte[30])))
                                .toList())));
        assertThat(leased.stream().mapToInt(List::size).sum()).isEqualTo(messages);
        LOG.info(
                "in batches of {}: enqueue {} us, claim {} us, settle {} us, all {} us a message",
                batch,
                enqueue,
                claim,
                settle,
                enqueue + claim + settle);
    }

    /** The processor time of Redis' main thread. */
    private double micros(int messages, Runnable phase) {
        double before = cpu();
        phase.run();
        return (cpu() - before) / messages;
    }

    private double cpu() {
        String info = redis.commands().info("cpu");
        return 1e6 * (number(info, "used_cpu_user_main_thread:") + number(info, "used_cpu_sys_main_thread:"));
    }

    private double memory() {
        return number(redis.commands().info("memory"), "used_memory:");
    }

    private static double number(String info, String name) {
        int from = info.indexOf(name) + name.length();
        return Double.parseDouble(info.substring(from, info.indexOf('\r', from)));
    }

    private List<NewMessage> batch() {
        var messages = new ArrayList<NewMessage>(BATCH);
        for (int i = 0; i < BATCH; i++) {
            messages.add(NewMessage.to(ChatId.of(1_000_000_000L + random.nextInt(CHATS)), PAYLOAD));
        }
        return messages;
    }
}
