package dev.sluice.server.gateway;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.server.bots.BotRules;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;

/** A gateway that queues, on a queue in memory with room for three messages, under a clock and rules that the test sets. */
abstract class AsyncCallFixture {
    static final BotId BOT = new BotId(1000);
    static final String TEXT = "{\"chat_id\":42,\"text\":\"hi\"}";

    final AtomicLong clock = new AtomicLong(1_700_000_000_000_000L);
    final MessageQueue queue = MessageQueues.inMemory(
            clock::get,
            RateLimiters.inMemory(clock::get),
            bot -> TelegramLimits.DOCUMENTED,
            QueueSettings.DEFAULT.withBound(3),
            new Random(1));
    final Sealer keys = KeyRing.random();
    final AtomicReference<Optional<BotToken>> registered = new AtomicReference<>(Optional.empty());
    final List<BotId> heard = new CopyOnWriteArrayList<>();
    final FakeDelivery delivery = new FakeDelivery();
    volatile BotRules rules = BotRules.NONE;
    RawUpstream upstream;
    GatewayFixture gateway;

    @BeforeEach
    void start() throws Exception {
        upstream = new RawUpstream();
        gateway = new GatewayFixture(
                upstream.url(),
                delivery,
                Optional.of(new CallQueue(queue, keys, bot -> registered.get(), false, heard::add)),
                settings -> settings.withRules(bot -> rules).withVips(ChatId.of(77)::equals),
                settings -> settings,
                GatewayEvents.NONE);
        gateway.tokens.trust(Accounts.BOT);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        upstream.close();
    }

    MessageId edit(String method, String more) throws Exception {
        return id(gateway.json(method, "{\"chat_id\":42" + more + "}", "Prefer", "respond-async"));
    }

    Leased next() {
        clock.addAndGet(1_000_000);
        return queue.claim(BOT, 1).messages().getFirst();
    }

    void sent(Leased message) {
        queue.settle(BOT, List.of(message.ends(new Ending.Sent(new byte[0]))));
    }

    StoredCall call(Leased message) {
        return StoredCall.open(keys, BOT, message.payload()).orElseThrow();
    }

    static JsonNode json(HttpResponse<String> answer) {
        return Envelope.JSON.readTree(answer.body());
    }

    static MessageId id(HttpResponse<String> answer) {
        return MessageId.parse(json(answer).path("sluice").path("id").asString())
                .orElseThrow();
    }

    MessageDetails details(HttpResponse<String> answer) {
        return queue.find(id(answer)).orElseThrow();
    }

    StoredCall stored(HttpResponse<String> answer) {
        return StoredCall.open(keys, BOT, details(answer).content()).orElseThrow();
    }
}
