package dev.sluice.server.worker;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Dispatch;
import dev.sluice.delivery.Lateness;
import dev.sluice.delivery.Reply;
import dev.sluice.encryption.Sealer;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.Settlement;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes the attempt at a queued message, and says what it means for the queue. Thread-safe. */
final class QueuedSends {
    /** What a 429 without a time means. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final int LONGEST_REASON = 32;
    private final Upstream upstream;
    private final Sealer sealer;
    private final Function<BotId, Optional<BotToken>> registered;
    private final Reachability reachability;
    private final LateMessages lateMessages;
    private final Company company;

    QueuedSends(
            Upstream upstream,
            Sealer sealer,
            Function<BotId, Optional<BotToken>> registered,
            Reachability reachability,
            LateMessages lateMessages,
            Company company) {
        this.upstream = upstream;
        this.sealer = sealer;
        this.registered = registered;
        this.reachability = reachability;
        this.lateMessages = lateMessages;
        this.company = company;
    }

    /**
     * Makes the attempt, at it and at what may be sent together with it.
     *
     * @param askedAt when it was claimed, by {@link System#nanoTime}, or a little before
     * @param taken hears of each message that is sent together with it, before it is
     */
    List<Settlement> send(BotId bot, Leased message, long askedAt, Consumer<Leased> taken) throws InterruptedException {
        List<Leased> along = along(bot, message);
        along.forEach(taken);
        var others = new ArrayList<StoredCall>();
        for (Leased other : along) {
            Optional<StoredCall> stored = StoredCall.open(sealer, bot, other.payload());
            if (stored.isEmpty()) {
                break;
            }
            others.add(stored.get());
        }
        Ending ending = send(bot, message, others, askedAt);
        var settlements = new ArrayList<Settlement>();
        settlements.add(message.ends(ending));
        for (int i = 0; i < along.size(); i++) {
            settlements.add(along.get(i).ends(i < others.size() ? ending : new Ending.NotSent()));
        }
        return settlements;
    }

    private List<Leased> along(BotId bot, Leased message) {
        try {
            return company.of(bot, message);
        } catch (RedisUnavailableException e) {
            return List
                    .of(); // what it may have leased is unknown when its lease ends, as after any claim whose reply is
            // lost
        }
    }

    private Ending send(BotId bot, Leased message, List<StoredCall> others, long askedAt) throws InterruptedException {
        Optional<StoredCall> stored = StoredCall.open(sealer, bot, message.payload());
        if (stored.isEmpty()) {
            return new Ending.Retry("unreadable"); // a process that has the key may take it next
        }
        StoredCall call = stored.get().joinedWith(others);
        Optional<BotToken> token = call.token().or(() -> registered.apply(bot));
        if (token.isEmpty()) {
            return new Ending.Retry("no-token"); // its bot was removed, or this process has yet to hear of it
        }
        var lateness = new Lateness(late -> lateMessages.tell(bot, message, call.chat(), late), askedAt);
        Attempt attempt = upstream.send(token.get(), call, new Dispatch(Optional.empty(), lateness::writing));
        lateness.awaitTold(); // the chat's next message may be claimed once this one is settled
        if (attempt instanceof Attempt.Answered(Reply reply)
                && reply.migrateTo().isPresent()) {
            attempt = upstream.send(token.get(), call, new Dispatch(reply.migrateTo(), () -> {}));
        }
        return ending(bot, call, attempt);
    }

    private Ending ending(BotId bot, StoredCall call, Attempt attempt) {
        switch (attempt) {
            case Attempt.NotReached(String reason) -> {
                reachability.notReached();
                return new Ending.NotSent();
            }
            case Attempt.Unanswered(String reason) -> {
                return unanswered(call, reason);
            }
            case Attempt.Answered(Reply reply) -> {
                reachability.reached();
                return answered(bot, call, reply);
            }
        }
    }

    private Ending answered(BotId bot, StoredCall call, Reply reply) {
        if (reply.isSuccess()) {
            byte[] sealed = StoredCall.sealedResult(sealer, bot, reply.body());
            // It was sent all the same; that it cannot be shown in full is no reason to doubt it.
            return new Ending.Sent(sealed.length <= Ending.Sent.MAX_RESULT ? sealed : new byte[0]);
        }
        if (reply.status() == 429) {
            return new Ending.Flooded(
                    reply.retryAfter().filter(Duration::isPositive).orElse(SOON));
        }
        Optional<String> unreachable = call.broadcast() ? Unreachable.reason(reply) : Optional.empty();
        if (unreachable.isPresent()) {
            return new Ending.Suppressed(unreachable.get());
        }
        return reply.status() >= 500
                ? unanswered(call, "upstream-" + reply.status())
                : new Ending.Refused("refused-" + reply.status());
    }

    private static Ending unanswered(StoredCall call, String reason) {
        String kind = kind(reason);
        return call.method().isRepeatable() ? new Ending.Retry(kind) : new Ending.Unanswered(kind);
    }

    /** A class of reasons as the queue wants it. */
    private static String kind(String reason) {
        String plain = reason.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-");
        return plain.isEmpty() ? "unanswered" : plain.substring(0, Math.min(LONGEST_REASON, plain.length()));
    }
}
