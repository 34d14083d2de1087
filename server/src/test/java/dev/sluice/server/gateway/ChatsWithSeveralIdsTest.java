package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.LocalMessageQueue;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.simulator.ChatState;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see of a chat that goes by several ids, at a gateway that queues. */
class ChatsWithSeveralIdsTest {
    private static final BotId BOT = new BotId(1000);
    private static final String[] AT_ONCE = {"X-Sluice-Max-Wait", "0"};
    private static final LongSupplier MICROS = () -> System.nanoTime() / 1_000;
    private static final Limit NONE = Limit.atMost(10_000, Duration.ofMillis(1));
    private static final TelegramLimits LIMITS =
            new TelegramLimits(NONE, NONE, Limit.atMost(1, Duration.ofSeconds(1)), NONE, Optional.empty());
    private static final ChatId GROUP = ChatId.of(-5);
    private static final ChatId SUPERGROUP = ChatId.of(-1005);

    private final LocalRateLimiter limiter = RateLimiters.inMemory(MICROS);
    private final LocalMessageQueue queue =
            MessageQueues.inMemory(MICROS, limiter, bot -> LIMITS, QueueSettings.DEFAULT, new Random(1));
    private final Deliveries.Closeable delivery =
            Deliveries.inMemory(DeliverySettings.DEFAULT.withLimits(LIMITS), DeliveryEvents.NONE, limiter, queue);
    private final Sealer keys = KeyRing.random();
    private Simulator telegram;
    private String path;
    private GatewayFixture gateway;

    /** The queue cannot be told of a chat's other id. */
    private boolean deaf;

    @BeforeEach
    void start() throws Exception {
        telegram = Simulator.start(SimulatorSettings.defaults().withAnyToken(false));
        path = "/bot" + telegram.addBot(BOT.value(), "Shop").token() + "/sendMessage";
        gateway = new GatewayFixture(
                telegram.url(),
                delivery,
                Optional.of(new CallQueue(told(), keys, bot -> Optional.empty(), false, bot -> {})),
                settings -> settings,
                settings -> settings,
                GatewayEvents.NONE);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        delivery.close();
        telegram.close();
    }

    private MessageQueue told() {
        return (MessageQueue) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MessageQueue.class}, (proxy, method, arguments) -> {
                    if (deaf && method.getName().equals("identify")) {
                        throw new IllegalStateException("such as a script that breaks");
                    }
                    return method.invoke(queue, arguments);
                });
    }

    @Test
    void a_migration_is_followed_by_a_call_that_does_not_wait_and_the_queue_hears_of_it() throws Exception {
        telegram.setChat(Long.parseLong(GROUP.value()), new ChatState.Migrated(Long.parseLong(SUPERGROUP.value())));

        var answer = gateway.post(path, "application/json", "{\"chat_id\":-5,\"text\":\"hi\"}", AT_ONCE);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(queue.identity(BOT, GROUP)).isEqualTo(SUPERGROUP);
    }

    @Test
    void what_was_sent_is_said_to_be_sent_although_the_queue_cannot_be_told_and_the_next_answer_tells_it()
            throws Exception {
        deaf = true;
        var name = new ChatId("@news");
        var answer = gateway.post(path, "application/json", "{\"chat_id\":\"@news\",\"text\":\"hi\"}", AT_ONCE);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(queue.identity(BOT, name)).isEqualTo(name);

        deaf = false;
        var next = gateway.post(
                path, "application/json", "{\"chat_id\":\"@news\",\"text\":\"ho\"}", "X-Sluice-Max-Wait", "8");

        assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
        assertThat(queue.identity(BOT, name)).isEqualTo(ChatId.of(telegram.channelId("@news")));
    }
}
