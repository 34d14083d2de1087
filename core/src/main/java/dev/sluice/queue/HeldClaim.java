package dev.sluice.queue;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.SendLane;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Who is next, as {@code claim.lua} and the package's essay say: one object per bot, which remembers the passes. Guarded by
 * the lock of its queue.
 */
final class HeldClaim {
    /** How many of each kind of thing that is due one claim moves: the next one goes on. */
    static final int SWEPT = 100;

    private static final long NEVER = Long.MAX_VALUE;

    /** What a message of cost 1 adds to the pass of its rank; VIPs have none. */
    private static final long[] STRIDE = {0, 1, 4, 16};

    /** How much later a call or message of one priority more may come and go first. */
    private static final long OVERTAKES = 30_000_000;

    /** What the queue could not use of its share within this time it may make up for. */
    private static final long LATE = 1_000_000;

    private final BotId bot;
    private final HeldMessages messages;
    private final HeldLanes lanes;
    private final LocalRateLimiter limiter;
    private final LongSupplier microClock;
    private final QueueSettings settings;
    private final long lease;

    /** By rank. */
    private long[] passes = new long[HeldLanes.RANKS];

    /** The pass of whoever went last. */
    private long pass;

    /** When the queue may next go before calls that wait for the bucket of all chats, by lane. */
    private final Map<SendLane, Long> owed = new EnumMap<>(SendLane.class);

    private boolean botPaused;
    private final Set<Priority> pausedPriorities = EnumSet.noneOf(Priority.class);

    HeldClaim(
            BotId bot,
            HeldMessages messages,
            LocalRateLimiter limiter,
            LongSupplier microClock,
            QueueSettings settings) {
        this.bot = bot;
        this.messages = messages;
        this.lanes = messages.lanes;
        this.limiter = limiter;
        this.microClock = microClock;
        this.settings = settings;
        this.lease = HeldMessage.micros(settings.lease());
    }

    /** One claim: which messages, and when there may be more. */
    Claims claim(int max, TelegramLimits limits, long now) {
        long wake = sweep(now);
        var leased = new ArrayList<Leased>();
        Set<SendLane> held = EnumSet.noneOf(SendLane.class); // by the limit of all their chats
        var shadowDenied = new ArrayList<String>();
        long[] before = passes.clone();
        idle();
        OptionalInt next = next(held);
        for (int looks = max + SWEPT; next.isPresent() && leased.size() < max && looks > 0; looks--) {
            HeldLane lane = lanes.ready.get(next.getAsInt()).getFirst();
            HeldMessage message = lane.head();
            if (message.isLate(now)) {
                // The sweep has not come that far.
                messages.take(message);
                messages.giveUp(message, FailureClass.EXPIRED, now);
            } else {
                long owedAt = owed.getOrDefault(message.send, 0L);
                boolean isOwed = message.isVip() || owedAt <= now;
                switch (limiter.tryAcquireQueued(standing(message, limits, now), isOwed)) {
                    case Decision.Allowed(long at, var remaining, var denying) -> {
                        denying.map(Bucket::scope).ifPresent(shadowDenied::add);
                        leased.add(lease(lane, message, at, now));
                        if (!message.isVip()) {
                            long every = share(message, limits, denying.isEmpty());
                            owed.put(message.send, Math.clamp(owedAt, now - LATE, now) + every);
                        }
                    }
                    case Decision.Denied denied -> {
                        // The limiter has looked at the clock after us: this is never early.
                        long until = microClock.getAsLong() + HeldMessage.micros(denied.retryAfter());
                        wake = Math.min(wake, until);
                        if (TelegramLimits.isOfAllChats(denied.bucket())) {
                            held.add(message.send);
                            wake = isOwed || !isWaitedFor(denied.bucket(), limits) ? wake : Math.min(wake, owedAt);
                        } else {
                            lane.move(lanes.waiting, until);
                        }
                    }
                }
            }
            next = next(held);
        }
        if (leased.isEmpty()) {
            passes = before;
        } else {
            idle();
            wake = Math.min(wake, now + lease);
        }
        return new Claims(leased, wakeUp(next.isPresent() ? now : wake, now), shadowDenied);
    }

    private static Optional<Duration> wakeUp(long wake, long now) {
        return wake == NEVER ? Optional.empty() : Optional.of(Duration.of(Math.max(0, wake - now), ChronoUnit.MICROS));
    }

    /** As {@code limits-changed.lua}. */
    void limitsChanged(long now) {
        lanes.hurryWaiting();
        owed.replaceAll((send, at) -> Math.min(at, now));
    }

    void pauseBot(boolean on) {
        botPaused = on;
    }

    boolean isBotPaused() {
        return botPaused;
    }

    void pause(Priority priority, boolean on) {
        if (on) {
            pausedPriorities.add(priority);
        } else {
            pausedPriorities.remove(priority);
        }
    }

    Set<Priority> pausedPriorities() {
        return pausedPriorities;
    }

    /** What a message is charged to. VIPs pass the limits of our own. */
    Acquisition acquisition(HeldMessage message, TelegramLimits limits) {
        TelegramLimits binding = message.isVip() ? limits.ofVips() : limits;
        var acquisition = Acquisition.of(binding.charges(bot, message.chat, message.cost, message.send));
        return limits.shadow() ? acquisition.shadowed() : acquisition;
    }

    /** The same, and how the message stands among the calls that wait: as {@code claim.lua} says. */
    private Acquisition standing(HeldMessage message, TelegramLimits limits, long now) {
        long since = message.isVip() || message.stage == Stage.RETRYING
                ? 0
                : Math.max(message.id.number(), now - OVERTAKES) + (message.rank - 1) * OVERTAKES;
        return acquisition(message, limits).cameAgo(Duration.of(now - since, ChronoUnit.MICROS));
    }

    private boolean isWaitedFor(Bucket ofAllChats, TelegramLimits limits) {
        return limiter.statistics(ofAllChats, limits.bot()).waiting() > 0;
    }

    /** What the queue's share is of the limit of all chats, or of its pace, as the time between two of its messages. */
    private long share(HeldMessage message, TelegramLimits limits, boolean charged) {
        Limit limit = limits.laneLimit(message.send);
        long apart = switch (limit) {
            case Limit.StrictWindow(int capacity, Duration window) -> HeldMessage.micros(window) / capacity;
            case Limit.Gcra(int capacity, Duration interval) -> HeldMessage.micros(interval);
        };
        if (charged) {
            Duration learned = limiter.spacing(limits.laneBucket(bot, message.send), limit);
            apart = Math.max(apart, HeldMessage.micros(learned));
        }
        return message.cost * STRIDE[message.rank] * apart * 21 / 16;
    }

    private Leased lease(HeldLane lane, HeldMessage message, long chargedAt, long now) {
        if (message.stage == Stage.RETRYING) {
            messages.lanes.retrying[message.rank]--;
        }
        message.doubted |= message.stage == Stage.AGAIN;
        messages.expiring.remove(message);
        int rank = message.rank;
        lane.turnRank = rank;
        lane.turnTag = lane.at();
        lanes.times[rank] = Math.max(lanes.times[rank], lane.turnTag);
        if (rank != HeldMessage.VIP_RANK) {
            pass = passes[rank];
            passes[rank] += message.cost * STRIDE[rank];
        }
        message.fence = messages.tick(now);
        message.stage = Stage.LEASED;
        message.until = now + lease;
        lanes.front(message, true);
        lane.move(lanes.leased, message.until);
        return message.leased(settings.lease(), chargedAt);
    }

    /** What goes along with a message that is leased, as {@code along.lua}. */
    List<Leased> claimAlong(Lease held, int behind, long now) {
        Optional<HeldMessage> found = messages.find(held.id())
                .filter(it -> it.stage == Stage.LEASED && it.fence == held.fence())
                .filter(it -> it.joins.isPresent() && it.policy == DeliveryPolicy.AT_MOST_ONCE);
        if (found.isEmpty() || lanes.of(found.get()).messages.size() <= behind) {
            return List.of();
        }
        HeldMessage first = found.get();
        var along = new ArrayList<HeldMessage>();
        int length = first.joins.orElseThrow().length();
        for (HeldMessage other : lanes.of(first).messages.tailSet(first, false)) {
            length += 1 + other.joins.map(Joint::length).orElse(0);
            if (along.size() == MessageQueue.MAX_ALONG || length > Joint.LONGEST || !goesAlong(other, first, now)) {
                break;
            }
            along.add(other);
        }
        return along.stream().map(other -> leaseAlong(other, now)).toList();
    }

    private static boolean goesAlong(HeldMessage other, HeldMessage first, long now) {
        return other.stage == Stage.QUEUED
                && other.joins.map(Joint::kind).equals(first.joins.map(Joint::kind))
                && other.rank == first.rank
                && other.send == first.send
                && other.policy == first.policy
                && !other.isLate(now);
    }

    private Leased leaseAlong(HeldMessage message, long now) {
        messages.expiring.remove(message);
        message.fence = messages.tick(now);
        message.stage = Stage.LEASED;
        message.until = now + lease;
        lanes.moveAlong(message);
        return message.leased(settings.lease(), now);
    }

    /** Who has nothing to send saves nothing up. */
    private void idle() {
        for (int rank = 1; rank < HeldLanes.RANKS; rank++) {
            if (isEmpty(rank)) {
                passes[rank] = Math.max(passes[rank], pass);
            }
        }
    }

    private boolean isEmpty(int rank) {
        return isPaused(rank)
                || Stream.of(SendLane.values())
                        .allMatch(send -> ready(rank, send).isEmpty());
    }

    boolean isPaused(int rank) {
        return botPaused || rank != HeldMessage.VIP_RANK && pausedPriorities.contains(HeldMessage.priority(rank));
    }

    private NavigableSet<HeldLane> ready(int rank, SendLane send) {
        return lanes.ready.get(HeldLanes.kind(rank, send));
    }

    /** Where the lane stands that is next, if any may go. */
    private OptionalInt next(Set<SendLane> held) {
        OptionalInt best = next(HeldMessage.VIP_RANK, held);
        long least = NEVER;
        if (best.isPresent()) {
            return best;
        }
        for (int rank = 1; rank < HeldLanes.RANKS; rank++) {
            OptionalInt kind = passes[rank] < least ? next(rank, held) : OptionalInt.empty();
            if (kind.isPresent()) {
                best = kind;
                least = passes[rank];
            }
        }
        return best;
    }

    /** The kind whose first lane goes before the others', of those that are not held. */
    private OptionalInt next(int rank, Set<SendLane> held) {
        if (isPaused(rank)) {
            return OptionalInt.empty();
        }
        return Stream.of(SendLane.values())
                .filter(send -> !held.contains(send) && !ready(rank, send).isEmpty())
                .min((one, other) -> HeldLane.PLACE_ORDER.compare(
                        ready(rank, one).getFirst(), ready(rank, other).getFirst()))
                .map(send -> OptionalInt.of(HeldLanes.kind(rank, send)))
                .orElseGet(OptionalInt::empty);
    }

    /** Moves what is due. Returns when there is more to move. */
    private long sweep(long now) {
        List<HeldLane> ended = due(lanes.leased, HeldLane::at, now);
        ended.forEach(lane -> leaseLost(lane, now));
        long wake = earliest(lanes.leased, HeldLane::at);
        // Before what is delayed joins: what is late must not be sent.
        for (HeldMessage late : due(messages.expiring, message -> message.deadline, now)) {
            messages.take(late);
            messages.giveUp(late, FailureClass.EXPIRED, now);
        }
        wake = Math.min(wake, earliest(messages.expiring, message -> message.deadline));
        for (HeldMessage joining : due(messages.delayed, message -> message.until, now)) {
            messages.delayed.remove(joining);
            joining.stage = Stage.QUEUED;
            joining.until = 0;
            lanes.add(joining);
        }
        wake = Math.min(wake, earliest(messages.delayed, message -> message.until));
        due(lanes.waiting, HeldLane::at, now).forEach(lanes::comeBack);
        return Math.min(wake, earliest(lanes.waiting, HeldLane::at));
    }

    private static <T> List<T> due(NavigableSet<T> set, ToLongFunction<T> time, long now) {
        return set.stream()
                .takeWhile(it -> time.applyAsLong(it) <= now)
                .limit(SWEPT)
                .toList();
    }

    private static <T> long earliest(NavigableSet<T> set, ToLongFunction<T> time) {
        return set.isEmpty() ? NEVER : time.applyAsLong(set.getFirst());
    }

    /** Nobody knows whether the lane's head was sent. */
    private void leaseLost(HeldLane lane, long now) {
        HeldMessage message = lane.head();
        message.attempted(Attempt.LEASE_LOST, now);
        if (message.policy == DeliveryPolicy.AT_MOST_ONCE
                || message.attempts > settings.retry().maxRetries()) {
            messages.take(message);
            message.lane = Lanes.home(message.lane);
            messages.doubt(message, now);
        } else {
            message.stage = Stage.AGAIN;
            message.until = 0;
            messages.expireAgain(message);
            lanes.front(message, false);
            lanes.join(lane);
        }
    }
}
