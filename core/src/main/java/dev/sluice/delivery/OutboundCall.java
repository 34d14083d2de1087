package dev.sluice.delivery;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.limit.SendLane;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A metered call, as far as the guards need to know it: not its text, only its fingerprint.
 *
 * @param bot whose limits it spends
 * @param method what is called
 * @param chat where it goes; empty for the few metered methods without a chat (inline edits)
 * @param cost what it spends: an album its length, a batch its messages, else 1; 1 to 10,000
 * @param paid whether it uses the paid broadcast lane
 * @param fingerprint over its canonical parameters
 * @param key under which it must happen once, if the caller gave one or asked for one derived from content
 * @param keep how long a keyed result is kept, 1 s to 31 days
 * @param maxWait how long it may wait for its turn, 0 to 600 s
 * @param priority its place among the bot's waiting calls
 * @param skipLimits whether to never wait for our own limits; still spent, and Telegram's own 429 still binds
 * @param vip whether the limit per user, which is ours, does not bind it
 * @param reply whether it answers a message
 */
public record OutboundCall(
        BotId bot,
        Method method,
        Optional<ChatId> chat,
        int cost,
        boolean paid,
        Fingerprint fingerprint,
        Optional<IdempotencyKey> key,
        Duration keep,
        Duration maxWait,
        Priority priority,
        boolean skipLimits,
        boolean vip,
        boolean reply) {
    public OutboundCall {
        if (cost < 1 || cost > 10_000) {
            throw new IllegalArgumentException("cost must be 1 to 10000, not " + cost);
        }
        if (keep.compareTo(Duration.ofSeconds(1)) < 0 || keep.compareTo(Duration.ofDays(31)) > 0) {
            throw new IllegalArgumentException("a result is kept 1 s to 31 days, not " + keep);
        }
        if (maxWait.isNegative() || maxWait.compareTo(Duration.ofSeconds(600)) > 0) {
            throw new IllegalArgumentException("max wait must be 0 to 600 s, not " + maxWait);
        }
    }

    /** A call to somebody who is no VIP, which is no reply. */
    public OutboundCall(
            BotId bot,
            Method method,
            Optional<ChatId> chat,
            int cost,
            boolean paid,
            Fingerprint fingerprint,
            Optional<IdempotencyKey> key,
            Duration keep,
            Duration maxWait,
            Priority priority,
            boolean skipLimits) {
        this(bot, method, chat, cost, paid, fingerprint, key, keep, maxWait, priority, skipLimits, false, false);
    }

    /** Whose private chat it goes to: that has its user's id. */
    public OptionalLong user() {
        return chat.map(ChatId::user).orElse(OptionalLong.empty());
    }

    /** Names a call without a key by its method and content: only what is identical can be joined. */
    IdempotencyKey contentKey() {
        MessageDigest digest = Fingerprint.sha256();
        digest.update(("ambiguous\0" + method.canonical() + "\0").getBytes(StandardCharsets.UTF_8));
        digest.update(HexFormat.of().parseHex(fingerprint.hex()));
        return new IdempotencyKey(bot.toString(), HexFormat.of().formatHex(digest.digest()));
    }

    /** The same call as one that answers a message, or none. */
    public OutboundCall replying(boolean answers) {
        return new OutboundCall(
                bot, method, chat, cost, paid, fingerprint, key, keep, maxWait, priority, skipLimits, vip, answers);
    }

    /** What it is counted with over all of its bot's chats. */
    public SendLane send() {
        return SendLane.of(paid, reply);
    }

    /** The same call, waiting at most {@code newMaxWait}. */
    public OutboundCall waitingAtMost(Duration newMaxWait) {
        return new OutboundCall(
                bot, method, chat, cost, paid, fingerprint, key, keep, newMaxWait, priority, skipLimits, vip, reply);
    }

    /** The same call to the chat that Telegram said this one has become. */
    public OutboundCall movedTo(ChatId newChat) {
        return new OutboundCall(
                bot,
                method,
                Optional.of(newChat),
                cost,
                paid,
                fingerprint,
                key,
                keep,
                maxWait,
                priority,
                skipLimits,
                vip,
                reply);
    }
}
