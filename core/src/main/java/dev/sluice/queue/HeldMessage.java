package dev.sluice.queue;

import dev.sluice.limit.SendLane;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
    /** By the id that is known when it joins a lane. */
    Optional<ChatId> chat;

    /** Its chat's; its own while it is sent together with another. */
    String lane;

    final SendLane send;
    final int cost;
    final DeliveryPolicy policy;

    /** Empty from when it leaves its key free. */
    Optional<NewMessage.Once> once;

    final Optional<Relation> relation;
    final Optional<Replacement> replaces;
    final Optional<Joint> joins;

    Stage stage;
    int rank;
    boolean atFront;
    int attempts;

    /** Whether an attempt before the last, or one that was not answered, may have reached Telegram. */
    boolean doubted;

    /** Of an unknown one what it was given up for, if it was. */
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
        lane = Lanes.of(message.chat(), message.replaces());
        send = message.send();
        cost = message.cost();
        policy = message.policy();
        once = message.once();
        relation = message.relation();
        replaces = message.replaces();
        joins = message.joins();
        content = message.payload().clone();
        rank = message.vip() ? VIP_RANK : rank(message.priority());
        stage = message.delay().isZero() ? Stage.QUEUED : Stage.DELAYED;
        until = message.delay().isZero() ? 0 : now + micros(message.delay());
        deadline = message.lifetime().map(lifetime -> now + micros(lifetime)).orElse(0L);
    }

    /** One that another store had accepted. */
    HeldMessage(SavedMessage saved) {
        id = saved.id();
        lane = saved.lane();
        chat = chat(saved);
        send = saved.send();
        cost = saved.cost();
        policy = saved.policy();
        once = saved.once();
        relation = saved.relation();
        replaces = Relation.replacement(relation);
        joins = Relation.joint(relation);
        content = saved.content().clone();
        rank = saved.rank();
        stage = switch (saved.place()) {
            case LANE -> Stage.QUEUED;
            case DELAYED -> Stage.DELAYED;
            case UNKNOWN -> Stage.UNKNOWN;
            case DEAD -> Stage.DEAD;
            case SENT -> Stage.SENT;
            case FAILED -> Stage.FAILED;
        };
        attempts = saved.attempts();
        doubted = saved.doubted();
        failure = saved.failure();
        until = saved.until().map(MessageRecord::micros).orElse(0L);
        deadline = saved.deadline().map(MessageRecord::micros).orElse(0L);
        failedAttempts.addAll(saved.failedAttempts());
    }

    /** A name is not saved, only its digest: in its place stands one of our own, which is limited for itself. */
    private static Optional<ChatId> chat(SavedMessage saved) {
        return saved.chat() == SavedMessage.Kind.NONE
                ? Optional.empty()
                : Optional.of(new ChatId(saved.lane().replace('~', '@')));
    }

    /** Whether it has come to an end that is only remembered. */
    boolean hasEnded() {
        return stage == Stage.SENT || stage == Stage.FAILED;
    }

    /** What it is outside of this store, at this time: a lease cannot be taken along, so it counts as lost. */
    SavedMessage saved(Optional<SavedMessage.SavedCallback> callback, long now, int retries) {
        boolean leased = stage == Stage.LEASED;
        boolean again = leased && policy == DeliveryPolicy.AT_LEAST_ONCE && attempts < retries;
        SavedMessage.Place place = switch (stage) {
            case QUEUED, AGAIN, RETRYING -> SavedMessage.Place.LANE;
            case LEASED -> again ? SavedMessage.Place.LANE : SavedMessage.Place.UNKNOWN;
            case DELAYED -> SavedMessage.Place.DELAYED;
            case UNKNOWN -> SavedMessage.Place.UNKNOWN;
            case DEAD -> SavedMessage.Place.DEAD;
            case SENT -> SavedMessage.Place.SENT;
            case FAILED -> SavedMessage.Place.FAILED;
        };
        var failed = new ArrayList<>(failedAttempts);
        if (leased) {
            failed.add(new Attempt(instant(now), Attempt.LEASE_LOST));
        }
        return new SavedMessage(
                id,
                place,
                Lanes.home(lane),
                chat.map(known -> known.isGroup() ? SavedMessage.Kind.GROUP : SavedMessage.Kind.USER)
                        .orElse(SavedMessage.Kind.NONE),
                rank,
                send,
                cost,
                policy,
                leased ? attempts + 1 : attempts,
                place == SavedMessage.Place.LANE && mayHaveBeenSent(),
                failed.subList(Math.max(0, failed.size() - Attempt.KEPT), failed.size()),
                stage == Stage.UNKNOWN ? Optional.empty() : failure,
                place == SavedMessage.Place.LANE ? Optional.empty() : Optional.of(instant(leased ? now : until)),
                optional(deadline),
                once,
                relation,
                callback,
                content.clone());
    }

    /** Whether Telegram may have it, although it is pending. */
    boolean mayHaveBeenSent() {
        return doubted || stage == Stage.AGAIN || stage == Stage.LEASED;
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
                send,
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
                send,
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
