package dev.sluice.server.gateway;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.encryption.Sealer;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.Joint;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.Replacement;
import dev.sluice.server.callback.AllowedTargets;
import dev.sluice.server.callback.CallbackUrl;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where calls wait that nobody waits for. Thread-safe. Blocks its (virtual) thread, and throws
 * {@link dev.sluice.redis.RedisUnavailableException} when the store does not answer.
 */
public final class CallQueue {
    private final MessageQueue queue;
    private final Sealer sealer;
    private final Function<BotId, Optional<BotToken>> registered;
    private final Predicate<BotId> durable;
    private final Consumer<BotId> enqueued;
    private final Optional<AllowedTargets> callbacks;

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
        this(queue, sealer, registered, bot -> durable, enqueued, Optional.empty());
    }

    private CallQueue(
            MessageQueue queue,
            Sealer sealer,
            Function<BotId, Optional<BotToken>> registered,
            Predicate<BotId> durable,
            Consumer<BotId> enqueued,
            Optional<AllowedTargets> callbacks) {
        this.queue = queue;
        this.sealer = sealer;
        this.registered = registered;
        this.durable = durable;
        this.enqueued = enqueued;
        this.callbacks = callbacks;
    }

    /** What is queued. */
    MessageQueue messages() {
        return queue;
    }

    /** The same on a store that says of each bot whether what was just queued for it is durable; asking may wait. */
    public CallQueue withDurability(Predicate<BotId> test) {
        return new CallQueue(queue, sealer, registered, test, enqueued, callbacks);
    }

    /** The same with callbacks: somebody tells them, and they may go to these targets. */
    public CallQueue withCallbacks(AllowedTargets targets) {
        return new CallQueue(queue, sealer, registered, durable, enqueued, Optional.of(targets));
    }

    /**
     * Why nobody could be called back at a URL; empty if that can be tried.
     *
     * @return words that do not hold the URL
     */
    public Optional<String> refusal(CallbackUrl callback) {
        if (callbacks.isEmpty()) {
            return Optional.of("is not possible here: SLUICE_CALLBACK_SECRET is not set");
        }
        return callbacks.get().mayAllow(callback)
                ? Optional.empty()
                : Optional.of("must name a public address, or one that SLUICE_WEBHOOK_TARGETS allows");
    }

    /**
     * Whether what was just queued for a bot outlives this process and its store's next crash, as far as can be known. May
     * wait for the store's replicas.
     */
    public boolean isDurable(BotId bot) {
        return durable.test(bot);
    }

    /** What is known of a message; empty if nothing is, or no more. */
    Optional<MessageDetails> find(MessageId message) {
        return queue.find(message);
    }

    /** Telegram's answer to a message that was sent; empty if it was not kept, or can not be read here. */
    Optional<byte[]> answer(MessageDetails sent) {
        return StoredCall.openResult(sealer, sent.id().bot(), sent.content());
    }

    /**
     * When a call is worth sending, and how often.
     *
     * @param delay how long it must not be sent
     * @param lifetime how long it is worth sending
     * @param atLeastOnce whether it is sent again when nobody knows what became of it
     * @param callback who is told what became of it; one that is not refused
     */
    public record Terms(
            Duration delay, Optional<Duration> lifetime, boolean atLeastOnce, Optional<CallbackUrl> callback) {
        public static final Terms NONE = new Terms(Duration.ZERO, Optional.empty(), false, Optional.empty());

        Terms toldTo(Optional<CallbackUrl> newCallback) {
            return new Terms(delay, lifetime, atLeastOnce, newCallback);
        }
    }

    /**
     * Queues a call.
     *
     * @param what as the guards know it; waits and ways past the limits mean nothing here
     * @param call with its caller's own token, which is kept only if its bot's registered one will not do
     * @param coalescing what makes it superfluous, whatever its terms
     */
    Enqueued enqueue(OutboundCall what, StoredCall call, Terms terms, Coalescing coalescing) {
        Enqueued result = queue.enqueue(what.bot(), message(what, call, terms, coalescing));
        if (result instanceof Enqueued.Added) {
            enqueued.accept(what.bot());
        }
        return result;
    }

    /** A call as the queue takes it. */
    NewMessage message(OutboundCall what, StoredCall call, Terms terms, Coalescing coalescing) {
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
        if (what.vip()) {
            message = message.asVip();
        }
        message = message.in(what.send());
        // What may be done twice may also be sent again.
        if (terms.atLeastOnce() || what.method().isRepeatable()) {
            message = message.atLeastOnce();
        }
        Optional<Duration> lifetime = Stream.of(
                        terms.lifetime(), coalescing.lifetime().map(terms.delay()::plus))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
        if (lifetime.isPresent()) {
            message = message.dropAfter(lifetime.get());
        }
        if (coalescing.relation().isPresent()) {
            message = switch (coalescing.relation().get()) {
                case Replacement replacement -> message.replacing(replacement);
                case Joint joint -> message.joining(joint);
            };
        }
        if (what.key().isPresent()) {
            message = message.once(what.key().get().digest(), what.fingerprint());
        }
        if (terms.callback().isPresent()) {
            message = message.toldTo(terms.callback().get().sealed(sealer, bot));
        }
        return message;
    }
}
