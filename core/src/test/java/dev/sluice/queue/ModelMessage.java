package dev.sluice.queue;

import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A message of {@link QueueModel}: what was asked, and what has become of it. */
final class ModelMessage {
    final MessageId id;
    final NewMessage asked;

    /** By the id that was known when it joined its lane. */
    Optional<ChatId> chat;

    Priority priority;
    boolean vip;
    MessageState state;
    Optional<FailureClass> failure = Optional.empty();

    /** Queued again since its lease ran out: its worker may still be heard. */
    boolean lost;

    /** An attempt before the last, or one that was not answered, may have reached Telegram. */
    boolean doubted;

    /** Its key is free again. */
    boolean keyFree;

    /** A dead letter that nobody has purged. */
    boolean dead;

    int attempts;
    final List<Attempt> log = new ArrayList<>();
    long fence;
    long until;
    long deadline;
    boolean replaceable;

    /** Leased together with the head of its lane: it has left it for as long. */
    boolean along;

    byte[] content;

    ModelMessage(MessageId id, NewMessage asked, long now) {
        this.id = id;
        this.asked = asked;
        chat = asked.chat();
        priority = asked.vip() ? Priority.HIGH : asked.priority();
        vip = asked.vip();
        state = asked.delay().isZero() ? MessageState.QUEUED : MessageState.DELAYED;
        until = asked.delay().isZero() ? 0 : now + micros(asked.delay());
        deadline = asked.lifetime().map(lifetime -> now + micros(lifetime)).orElse(0L);
        replaceable = asked.replaces().isPresent();
        content = asked.payload();
    }

    String lane() {
        return along ? "#" + id.number() + " " + home() : home();
    }

    private String home() {
        return chat.map(ChatId::value)
                .orElseGet(
                        () -> asked.replaces().map(what -> "+" + what.target()).orElse("-"));
    }

    boolean isInLane() {
        return state == MessageState.QUEUED || state == MessageState.RETRYING || state == MessageState.LEASED;
    }

    boolean isWaiting() {
        return state.isPending() && state != MessageState.LEASED;
    }

    boolean hasEnded() {
        return state == MessageState.SENT || state == MessageState.FAILED && !dead;
    }

    /** What is leased or between two attempts goes before all, then VIPs, then by priority, then by acceptance. */
    boolean isBefore(ModelMessage other) {
        boolean front = state == MessageState.LEASED || state == MessageState.RETRYING;
        boolean otherFront = other.state == MessageState.LEASED || other.state == MessageState.RETRYING;
        if (front != otherFront) {
            return front;
        }
        if (vip != other.vip) {
            return vip;
        }
        if (priority != other.priority) {
            return priority.compareTo(other.priority) < 0;
        }
        return id.compareTo(other.id) < 0;
    }

    /** Whether it may be sent as one with {@code other}. */
    boolean isLike(ModelMessage other) {
        return state == MessageState.QUEUED
                && !lost
                && asked.joins().map(Joint::kind).equals(other.asked.joins().map(Joint::kind))
                && vip == other.vip
                && priority == other.priority
                && asked.send() == other.asked.send()
                && asked.policy() == other.asked.policy();
    }

    void attempted(String reason, long now) {
        attempts++;
        log.add(new Attempt(instant(now), reason));
    }

    Leased leased(Duration lease, long now) {
        return new Leased(
                new Lease(id, fence),
                lease,
                attempts + 1,
                priority,
                vip,
                asked.send(),
                asked.cost(),
                asked.policy(),
                instant(id.number()),
                now,
                asked.payload());
    }

    MessageDetails details() {
        return new MessageDetails(
                id,
                state,
                failure,
                chat.map(ChatId::value).orElse("-"),
                priority,
                vip,
                asked.send(),
                asked.cost(),
                asked.policy(),
                attempts,
                log.subList(Math.max(0, log.size() - Attempt.KEPT), log.size()),
                instant(id.number()),
                optional(until),
                optional(deadline),
                content);
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static Optional<Instant> optional(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(instant(micros));
    }

    @Override
    public String toString() {
        return "ModelMessage" + details();
    }
}
