package dev.sluice.queue;

import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** One message in memory. Times are microseconds. Guarded by the lock of its queue. */
final class HeldMessage {
    /** What goes first in a lane: what is leased or between two attempts, then by rank, then by acceptance. */
    static final Comparator<HeldMessage> LANE_ORDER = Comparator.comparing((HeldMessage it) -> !it.atFront)
            .thenComparingInt(it -> it.rank)
            .thenComparingLong(it -> it.id.number());

    static final int VIP_RANK = 0;

    final MessageId id;
    final Optional<ChatId> chat;
    final String lane;
    final boolean paid;
    final int cost;
    final DeliveryPolicy policy;
    final Optional<NewMessage.Once> once;
    final Optional<String> replaces;

    Stage stage;
    int rank;
    boolean atFront;
    int attempts;
    Optional<FailureClass> failure = Optional.empty();

    /** Of its last lease; 0 if there was none or it does not count any more. */
    long fence;

    /** What its stage waits for, or when it came to it; 0 for neither. */
    long until;

    /** 0 if there is none. */
    long deadline;

    byte[] content;
    private final Deque<Attempt> failedAttempts = new ArrayDeque<>(0);

    /** As in {@code messages.lua}: states, with what they do not tell. */
    enum Stage {
        DELAYED(MessageState.DELAYED),
        QUEUED(MessageState.QUEUED),
        /** Queued again since its lease ran out: its worker may still be heard. */
        AGAIN(MessageState.QUEUED),
        RETRYING(MessageState.RETRYING),
        LEASED(MessageState.LEASED),
        UNKNOWN(MessageState.UNKNOWN),
        DEAD(MessageState.FAILED),
        FAILED(MessageState.FAILED),
        SENT(MessageState.SENT);

        final MessageState state;

        Stage(MessageState state) {
            this.state = state;
        }

        /** Whether it waits, so that it can be cancelled, replaced or given another priority. */
        boolean isWaiting() {
            return state.isPending() && this != LEASED;
        }
    }

    HeldMessage(BotId bot, long number, NewMessage message, long now) {
        id = new MessageId(bot, number);
        chat = message.chat();
        lane = Lanes.of(bot, message.chat(), message.replaces());
        paid = message.paid();
        cost = message.cost();
        policy = message.policy();
        once = message.once();
        replaces = message.replaces();
        content = message.payload().clone();
        rank = message.vip() ? VIP_RANK : rank(message.priority());
        stage = message.delay().isZero() ? Stage.QUEUED : Stage.DELAYED;
        until = message.delay().isZero() ? 0 : now + micros(message.delay());
        deadline = message.lifetime().map(lifetime -> now + micros(lifetime)).orElse(0L);
    }

    /** A priority's rank; before the first comes that of VIPs. */
    static int rank(Priority priority) {
        return switch (priority) {
            case HIGH -> 1;
            case NORMAL -> 2;
            case LOW -> 3;
        };
    }

    /** The priority of a rank; of VIPs' {@link Priority#HIGH}. */
    static Priority priority(int rank) {
        return switch (rank) {
            case 0, 1 -> Priority.HIGH;
            case 2 -> Priority.NORMAL;
            case 3 -> Priority.LOW;
            default -> throw new IllegalArgumentException("no rank " + rank);
        };
    }

    boolean isVip() {
        return rank == VIP_RANK;
    }

    /** Whether its lifetime is over. */
    boolean isLate(long now) {
        return deadline > 0 && deadline <= now;
    }

    /** Remembers a failed attempt and counts it. */
    void attempted(String reason, long now) {
        attempts++;
        failedAttempts.add(new Attempt(instant(now), reason));
        if (failedAttempts.size() > Attempt.KEPT) {
            failedAttempts.remove();
        }
    }

    Optional<String> lastReason() {
        return Optional.ofNullable(failedAttempts.peekLast()).map(Attempt::reason);
    }

    Leased leased(Duration lease, long chargedAt) {
        return new Leased(
                new Lease(id, fence),
                lease,
                attempts + 1,
                priority(rank),
                isVip(),
                paid,
                cost,
                policy,
                instant(id.number()),
                chargedAt,
                content.clone());
    }

    MessageDetails details() {
        return new MessageDetails(
                id,
                stage.state,
                failure,
                Lanes.chat(lane),
                priority(rank),
                isVip(),
                paid,
                cost,
                policy,
                attempts,
                List.copyOf(failedAttempts),
                instant(id.number()),
                optional(until),
                optional(deadline),
                content.clone());
    }

    /** Rounded up, as in Redis: nothing is early. */
    static long micros(Duration duration) {
        return Math.ceilDiv(duration.toNanos(), 1_000L);
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static Optional<Instant> optional(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(instant(micros));
    }
}
