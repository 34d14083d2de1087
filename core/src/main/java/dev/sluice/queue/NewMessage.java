package dev.sluice.queue;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.SendLane;
import dev.sluice.redis.KeyPart;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * A message to be queued. Made by {@link #to}, {@link #withoutChat} and the methods that change one thing.
 *
 * @param chat whose lane it joins; empty for what has no chat, such as the edit of an inline message: these share one lane,
 *     or have one for each target of a {@link Replacement}
 * @param payload what the worker is to send, opaque to the queue, up to {@link #MAX_PAYLOAD} bytes
 * @param priority its share of the bot's limits among those of the bot
 * @param vip goes before every priority and is not held by limits of our own (the one per user)
 * @param send what it is counted with over all of the bot's chats
 * @param cost in messages, 1 to 10,000: an album's length
 * @param policy what to do when its outcome is not known
 * @param delay how long it must not be sent, zero to {@link #LONGEST_DELAY}
 * @param lifetime how long it is worth sending, from now on; then it fails as expired if it has not been dispatched
 * @param once what it must not be queued twice under
 * @param relation what it has to do with others that wait in its lane. A {@link Replacement}: an older message that sets nothing but
 *     what this one sets fails as superseded. A {@link Joint}: it may be sent together with others
 * @param callback whom its end is to be told, opaque to the queue, 1 to {@link #MAX_CALLBACK} bytes: see {@link Callbacks}
 */
public record NewMessage(
        Optional<ChatId> chat,
        byte[] payload,
        Priority priority,
        boolean vip,
        SendLane send,
        int cost,
        DeliveryPolicy policy,
        Duration delay,
        Optional<Duration> lifetime,
        Optional<Once> once,
        Optional<Relation> relation,
        Optional<byte[]> callback) {

    /** An upload of 1 MiB with what is said about it. */
    public static final int MAX_PAYLOAD = 2 << 20;

    private static final byte[] NOBODY = {};

    /** A long URL, encrypted. */
    public static final int MAX_CALLBACK = 8 << 10;

    public static final int MAX_COST = 10_000;

    public static final Duration LONGEST_DELAY = Duration.ofDays(366);

    /**
     * A key of the caller's, digested.
     *
     * @param digest 32 to 64 characters of lower-case hex, of an even number
     * @param content what tells a repeat from another message under the same key
     */
    public record Once(String digest, Fingerprint content) {
        public Once {
            requireDigest("idempotency digest", digest);
        }
    }

    public NewMessage {
        if (payload.length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("a payload is at most 2 MiB, not " + payload.length + " bytes");
        }
        if (cost < 1 || cost > MAX_COST) {
            throw new IllegalArgumentException("cost must be 1 to 10000, not " + cost);
        }
        if (delay.isNegative() || delay.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException("delay must be zero to " + LONGEST_DELAY + ", not " + delay);
        }
        lifetime.ifPresent(NewMessage::requireLifetime);
        if (chat.isEmpty() && relation.filter(Joint.class::isInstance).isPresent()) {
            throw new IllegalArgumentException("only messages of one chat can be joined");
        }
        if (callback.filter(target -> target.length < 1 || target.length > MAX_CALLBACK)
                .isPresent()) {
            throw new IllegalArgumentException("a callback's target has 1 to " + MAX_CALLBACK + " bytes");
        }
    }

    private static void requireLifetime(Duration lifetime) {
        if (!lifetime.isPositive() || lifetime.compareTo(LONGEST_DELAY.multipliedBy(2)) > 0) {
            throw new IllegalArgumentException(
                    "lifetime must be more than zero, up to " + LONGEST_DELAY.multipliedBy(2) + ", not " + lifetime);
        }
    }

    static void requireDigest(String what, String digest) {
        KeyPart.DIGEST.require(what, digest);
        if (digest.length() % 2 != 0) {
            throw new IllegalArgumentException(what + " has an odd number of characters");
        }
    }

    /** A message of normal priority, to be sent once at most, now and without end. */
    public static NewMessage to(ChatId chat, byte[] payload) {
        return of(Optional.of(chat), payload);
    }

    /** The same for what has no chat. */
    public static NewMessage withoutChat(byte[] payload) {
        return of(Optional.empty(), payload);
    }

    private static NewMessage of(Optional<ChatId> chat, byte[] payload) {
        return new NewMessage(
                chat,
                payload,
                Priority.NORMAL,
                false,
                SendLane.BOT,
                1,
                DeliveryPolicy.AT_MOST_ONCE,
                Duration.ZERO,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public NewMessage withPriority(Priority newPriority) {
        return new NewMessage(
                chat, payload, newPriority, vip, send, cost, policy, delay, lifetime, once, relation, callback);
    }

    public NewMessage asVip() {
        return new NewMessage(
                chat, payload, priority, true, send, cost, policy, delay, lifetime, once, relation, callback);
    }

    public NewMessage inPaidLane() {
        return in(SendLane.PAID);
    }

    /** Counted with others of this lane over all of the bot's chats. */
    public NewMessage in(SendLane newLane) {
        return new NewMessage(
                chat, payload, priority, vip, newLane, cost, policy, delay, lifetime, once, relation, callback);
    }

    public NewMessage costing(int messages) {
        return new NewMessage(
                chat, payload, priority, vip, send, messages, policy, delay, lifetime, once, relation, callback);
    }

    public NewMessage atLeastOnce() {
        return new NewMessage(
                chat,
                payload,
                priority,
                vip,
                send,
                cost,
                DeliveryPolicy.AT_LEAST_ONCE,
                delay,
                lifetime,
                once,
                relation,
                callback);
    }

    public NewMessage notBefore(Duration newDelay) {
        return new NewMessage(
                chat, payload, priority, vip, send, cost, policy, newDelay, lifetime, once, relation, callback);
    }

    public NewMessage dropAfter(Duration newLifetime) {
        return new NewMessage(
                chat,
                payload,
                priority,
                vip,
                send,
                cost,
                policy,
                delay,
                Optional.of(newLifetime),
                once,
                relation,
                callback);
    }

    public NewMessage once(String digest, Fingerprint content) {
        return new NewMessage(
                chat,
                payload,
                priority,
                vip,
                send,
                cost,
                policy,
                delay,
                lifetime,
                Optional.of(new Once(digest, content)),
                relation,
                callback);
    }

    /** Replaces every older one of the same target. */
    public NewMessage replacing(String target) {
        return replacing(new Replacement(target, Replacement.ALL_PARTS));
    }

    public NewMessage replacing(Replacement what) {
        return new NewMessage(
                chat, payload, priority, vip, send, cost, policy, delay, lifetime, once, Optional.of(what), callback);
    }

    public NewMessage joining(Joint others) {
        return new NewMessage(
                chat, payload, priority, vip, send, cost, policy, delay, lifetime, once, Optional.of(others), callback);
    }

    Optional<Replacement> replaces() {
        return Relation.replacement(relation);
    }

    Optional<Joint> joins() {
        return Relation.joint(relation);
    }

    /** Its end is to be told there. */
    public NewMessage toldTo(byte[] target) {
        return new NewMessage(
                chat, payload, priority, vip, send, cost, policy, delay, lifetime, once, relation, Optional.of(target));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NewMessage message
                && chat.equals(message.chat)
                && Arrays.equals(payload, message.payload)
                && priority == message.priority
                && vip == message.vip
                && send == message.send
                && cost == message.cost
                && policy == message.policy
                && delay.equals(message.delay)
                && lifetime.equals(message.lifetime)
                && once.equals(message.once)
                && relation.equals(message.relation)
                && callback.isPresent() == message.callback.isPresent()
                && Arrays.equals(callback.orElse(NOBODY), message.callback.orElse(NOBODY));
    }

    @Override
    public int hashCode() {
        return 31 * chat.hashCode() + Arrays.hashCode(payload);
    }

    /** Without the payload, which is nobody's business. */
    @Override
    public String toString() {
        return "NewMessage[" + payload.length + " bytes, " + (vip ? "vip" : priority) + ", " + policy + "]";
    }
}
