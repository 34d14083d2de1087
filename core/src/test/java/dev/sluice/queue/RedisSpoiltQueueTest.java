package dev.sluice.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What another program writes into what all chats of a bot share loses none of its messages, and stops none. */
@Timeout(120)
class RedisSpoiltQueueTest extends QueueFixture {
    private static final List<String> READY = Stream.of("v", "h", "n", "l")
            .flatMap(rank -> Stream.of("ready:" + rank, "ready:p" + rank, "ready:r" + rank))
            .toList();

    private static final ChatId CHANNEL = new ChatId("@channel");

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clockRunner = redis.clockRunner();
    private final Map<String, Long> mended = new ConcurrentHashMap<>();

    /** As many steps of rebuilding are answered; then Redis is away for the next one. */
    private final AtomicInteger stepsLeft = new AtomicInteger(Integer.MAX_VALUE);

    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        ScriptRunner runner = (script, keys, args) -> {
            clockRunner.setNow(clock.getAsLong());
            if (script.name().equals("queue/rebuild") && stepsLeft.decrementAndGet() == 0) {
                throw new RedisUnavailableException(
                        RedisUnavailableException.Reason.NOT_CONNECTED, "away", false, null);
            }
            try {
                return clockRunner.run(script, keys, args);
            } catch (RedisCommandExecutionException e) {
                throw new RedisScriptException(script.name(), e); // as the real one
            }
        };
        return MessageQueues.onRedis(
                runner,
                runner,
                KeySpace.DEFAULT,
                limitsOfBots,
                settings.withMending((family, what, count) -> mended.merge(family + " " + what, count, Long::sum)),
                RandomGenerator.getDefault());
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private static String key(String rest) {
        return KeySpace.DEFAULT.key("msg_queue", BOT.toString(), rest);
    }

    private void write(String key, String rubbish) {
        redis.commands().del(key);
        switch (rubbish) {
            case "hash" -> redis.commands().hset(key, "field", "rubbish".getBytes(UTF_8));
            case "list" -> redis.commands().lpush(key, "rubbish".getBytes(UTF_8));
            case "zset" -> redis.commands().zadd(key, 1, "rubbish".getBytes(UTF_8));
            default -> redis.commands().set(key, "rubbish".getBytes(UTF_8));
        }
    }

    /** Whatever is due, until nothing comes any more for longer than any message waits. */
    private List<String> sendAll() {
        var texts = new ArrayList<String>();
        for (int look = 0; look < 5; look++) {
            texts.addAll(drain());
            clock.advance(LEASE);
        }
        return texts;
    }

    private static List<String> shared() {
        return Stream.concat(
                        READY.stream(),
                        Stream.of(
                                "waiting",
                                "leased",
                                "paused",
                                "expiring",
                                "delayed",
                                "dead",
                                "unknown",
                                "callbacks",
                                "state",
                                "aliases"))
                .toList();
    }

    static Stream<Arguments> spoilt() {
        return shared().stream()
                .flatMap(key -> Stream.of("hash", "list", "string", "zset")
                        .filter(rubbish -> !rubbish.equals("zset") || key.equals("state") || key.equals("aliases"))
                        .filter(rubbish -> !rubbish.equals("hash") || !key.equals("state") && !key.equals("aliases"))
                        .map(rubbish -> Arguments.of(key, rubbish)));
    }

    /** One message of each state, and some that wait. */
    private void fill() {
        queue.identify(BOT, CHANNEL, ChatId.of(-1_000));
        add(message(CAT, "dead").toldTo(bytes("target")));
        settle(claimOne(), new Ending.Refused("refused-400"));
        add(message(GROUP, "unknown"));
        settle(claimOne(), new Ending.Unanswered("timeout"));
        add(BOB, "retried");
        settle(claimOne(), new Ending.Retry("connect", Optional.empty()));
        add(ANN, "in flight");
        assertThat(claim(1)).hasSize(1);
        add(ANN, "ann's");
        add(CAT, "cat's");
        add(GROUP, "to a group");
        add(message(ANN, "delayed").notBefore(SECOND.multipliedBy(2)));
        add(message(CAT, "late").notBefore(SECOND.multipliedBy(8)).dropAfter(SECOND.multipliedBy(4)));
    }

    @ParameterizedTest
    @MethodSource("spoilt")
    void whatever_is_in_place_of_what_all_share(String key, String rubbish) {
        fill();
        QueueStatistics before = queue.statistics(BOT);
        write(key(key), rubbish);
        assertThat(queue.enqueueAll(BOT, List.of(message(ChatId.of(9), "new"), message(CHANNEL, "to a channel"))))
                .allSatisfy(enqueued -> assertThat(enqueued).isInstanceOf(Enqueued.Added.class));
        var told = new ArrayList<>(queue.callbacks().claim(BOT, 10, LEASE).callbacks());
        told.addAll(queue.callbacks().claim(BOT, 10, LEASE).callbacks());
        assertThat(told).extracting(OwedCallback::state).containsExactly(MessageState.FAILED);
        assertThat(sendAll()).contains("ann's", "cat's", "to a group", "delayed", "retried", "new", "to a channel");
        QueueStatistics now = queue.statistics(BOT);
        assertThat(now.pending()).isZero();
        assertThat(now.dead()).as("dead letters").isEqualTo(1);
        assertThat(now.unknown()).as("unknown").isEqualTo(before.unknown() + 1);
        assertThat(queue.deadLetters().page(BOT, ListFilter.ALL, 0, 10).items()).hasSize(1);
        assertThat(queue.unknowns().page(BOT, ListFilter.ALL, 0, 10).items()).hasSize(2);
        assertThat(mended.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(1);
        new RedisQueueAudit(redis.commands(), BOT).check(now);
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "", "1.5", "1e300", "nan", "99999999999999999999"})
    void whatever_a_counter_is(String rubbish) {
        fill();
        for (String field : List.of("depth:n", "accepted", "last", "time:n", "ready", "pass", "sent", "woken")) {
            redis.commands().hset(key("state"), field, rubbish.getBytes(UTF_8));
        }
        queue.statistics(BOT);
        add(ChatId.of(9), "new");
        assertThat(sendAll()).contains("ann's", "cat's", "to a group", "delayed", "retried", "new");
        QueueStatistics now = queue.statistics(BOT);
        assertThat(now.pending()).isZero();
        new RedisQueueAudit(redis.commands(), BOT).check(now);
    }

    @Test
    void what_was_being_rebuilt_when_a_process_died_is_rebuilt_by_whoever_claims() {
        for (int chat = 1; chat <= 300; chat++) {
            add(ChatId.of(chat), "to " + chat);
        }
        write(key("ready:n"), "string");
        stepsLeft.set(2); // the first, and here it was killed
        queue.claim(BOT, 1);
        assertThat(redis.commands().hexists(key("state"), "mending")).isTrue();
        stepsLeft.set(Integer.MAX_VALUE);
        clock.advance(Duration.ofSeconds(11));
        var texts = new ArrayList<String>();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            clock.advance(LEASE);
            texts.addAll(drain());
            return texts.size() >= 299;
        });
        assertThat(texts).doesNotHaveDuplicates();
        await().atMost(Duration.ofSeconds(30)).until(() -> !redis.commands().hexists(key("state"), "mending"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hash", "list", "string"})
    void whatever_is_in_place_of_the_list_of_bots(String rubbish) {
        write(KeySpace.DEFAULT.key("msg_queue", "bots", "seen"), rubbish);
        assertThat(queue.bots()).isEmpty();
        queue = queue(bot -> limits, SETTINGS);
        add(ANN, "ann's");
        assertThat(queue.bots()).containsExactly(BOT);
        assertThat(mended).containsEntry("msg_queue bots", 1L);
        assertThat(sendAll()).containsExactly("ann's");
    }
}
