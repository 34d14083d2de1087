package dev.sluice.server.gateway;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.NewMessage;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.callback.CallbackUrl;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/** Queues calls that did not come as calls: of registered bots, with parameters as JSON. Thread-safe. */
public final class Submissions {
    private static final Fingerprint NOTHING = Fingerprint.of(new byte[0]);

    private final Parts parts;
    private final CallQueue queue;

    Submissions(Parts parts, CallQueue queue) {
        this.parts = parts;
        this.queue = queue;
    }

    /** As {@link CallQueue#isDurable}. */
    public boolean isDurable(BotId bot) {
        return queue.isDurable(bot);
    }

    /** Why nobody could be called back at a URL; empty if that can be tried. */
    public Optional<String> refusal(CallbackUrl callback) {
        return queue.refusal(callback);
    }

    /** Whether a method can be queued at all: it counts against the limits, and is not called for what it answers. */
    public static boolean canBeQueued(Method method) {
        return Route.METHOD_NAME.matcher(method.name()).matches()
                && method.isMetered()
                && Acceptance.isPossible(method);
    }

    /**
     * Queues a call, as the gateway does with one that is not waited for. Throws
     * {@link dev.sluice.redis.RedisUnavailableException} when the store does not answer.
     *
     * @param parameters a JSON object
     * @param priority empty: as the bot's rules say
     * @param key the caller's own text, the same as in the header {@code Idempotency-Key}; empty: derived from the content if the
     *     bot's rules say so
     */
    public Enqueued submit(
            BotId bot,
            Method method,
            byte[] parameters,
            Optional<Priority> priority,
            Optional<Boolean> reply,
            Optional<String> key,
            CallQueue.Terms terms) {
        Parameters read = ParameterReader.read("", BodyKind.JSON, Buffer.buffer(parameters));
        Optional<ChatId> named = read.chat();
        Optional<ChatId> resolved = named.map(chat -> parts.chats().resolve(bot, chat));
        BotRules rules = parts.settings().rules().apply(bot);
        boolean answers = reply.orElseGet(read::isReply);
        var call = new OutboundCall(
                bot,
                method,
                resolved,
                read.cost(method),
                read.isPaid(),
                read.fingerprint(),
                key.map(text -> IdempotencyKey.derived(bot.toString(), method.canonical(), text))
                        .or(() -> rules.dedupesByContent().contains(method)
                                ? Optional.of(IdempotencyKey.fromContent(
                                        bot.toString(), method.canonical(), read.fingerprint()))
                                : Optional.empty()),
                parts.settings().keep(),
                Duration.ZERO,
                priority.orElseGet(() -> rules.priorities().of(read.traits(method, answers, false))),
                false,
                resolved.filter(parts.settings().vips()).isPresent(),
                answers);
        var stored =
                new StoredCall(method, false, "", Optional.of("application/json"), named, Optional.empty(), parameters);
        return queue.enqueue(call, stored, terms, Coalescing.of(call, read, false, rules.joinsTexts()));
    }

    /**
     * One of many calls, as the queue takes it.
     *
     * @param parameters a JSON object
     */
    public NewMessage ofBroadcast(BotId bot, Method method, byte[] parameters, Priority priority) {
        Parameters read = ParameterReader.read("", BodyKind.JSON, Buffer.buffer(parameters));
        Optional<ChatId> named = read.chat();
        var call = new OutboundCall(
                bot,
                method,
                named.map(chat -> parts.chats().resolve(bot, chat)),
                read.cost(method),
                read.isPaid(),
                NOTHING, // without a key nothing is compared
                Optional.empty(),
                parts.settings().keep(),
                Duration.ZERO,
                priority,
                false);
        var stored = new StoredCall(
                method, false, "", Optional.of("application/json"), named, Optional.empty(), parameters, true);
        return queue.message(call, stored, CallQueue.Terms.NONE, Coalescing.NONE);
    }
}
