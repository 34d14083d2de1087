package dev.sluice.server.gateway;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.encryption.Sealer;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.NewMessage;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where calls wait that nobody waits for. Thread-safe. Blocks its (virtual) thread, and throws
 * {@link dev.sluice.redis.RedisUnavailableException} when the store does not answer.
 */
public final class CallQueue {
    private final MessageQueue queue;
    private final Sealer sealer;
    private final Function<BotId, Optional<BotToken>> registered;
    private final boolean durable;
    private final Consumer<BotId> enqueued;

    /**
     * @param sealer shared by all processes on one store
     * @param registered the token of a registered bot
     * @param durable whether what is queued outlives this process
     * @param enqueued hears of each bot that got a message; must not block
     */
    public CallQueue(
            MessageQueue queue,
            Sealer sealer,
            Function<BotId, Optional<BotToken>> registered,
            boolean durable,
            Consumer<BotId> enqueued) {
        this.queue = queue;
        this.sealer = sealer;
        this.registered = registered;
        this.durable = durable;
        this.enqueued = enqueued;
    }

    /** Whether what is queued outlives this process. */
    public boolean isDurable() {
        return durable;
    }

    /**
     * When a call is worth sending, and how often.
     *
     * @param delay how long it must not be sent
     * @param lifetime how long it is worth sending
     * @param atLeastOnce whether it is sent again when nobody knows what became of it
     */
    public record Terms(Duration delay, Optional<Duration> lifetime, boolean atLeastOnce) {
        public static final Terms NONE = new Terms(Duration.ZERO, Optional.empty(), false);
    }

    /**
     * Queues a call.
     *
     * @param what as the guards know it; waits and ways past the limits mean nothing here
     * @param call with its caller's own token, which is kept only if its bot's registered one will not do
     */
    Enqueued enqueue(OutboundCall what, StoredCall call, Terms terms) {
        Enqueued result = queue.enqueue(what.bot(), message(what, call, terms));
        if (result instanceof Enqueued.Added) {
            enqueued.accept(what.bot());
        }
        return result;
    }

    /** A call as the queue takes it. */
    NewMessage message(OutboundCall what, StoredCall call, Terms terms) {
        BotId bot = what.bot();
        // Registered tokens are those of the production environment.
        boolean needsOwn = call.test() || registered.apply(bot).isEmpty();
        byte[] payload = (needsOwn ? call : call.withoutToken()).sealed(sealer, bot);
        NewMessage message = what.chat()
                .map(chat -> NewMessage.to(chat, payload))
                .orElseGet(() -> NewMessage.withoutChat(payload))
                .withPriority(what.priority())
                .costing(what.cost())
                .notBefore(terms.delay());
        if (what.paid()) {
            message = message.inPaidLane();
        }
        // What may be done twice may also be sent again.
        if (terms.atLeastOnce() || what.method().isRepeatable()) {
            message = message.atLeastOnce();
        }
        if (terms.lifetime().isPresent()) {
            message = message.dropAfter(terms.lifetime().get());
        }
        if (what.key().isPresent()) {
            message = message.once(what.key().get().digest(), what.fingerprint());
        }
        return message;
    }
}
