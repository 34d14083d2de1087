package dev.sluice.queue;

import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.idempotency.KeyStanding;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.queue.LocalMessageQueue.Ahead;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One bot's queue in memory. Thread-safe: every step holds its lock. Whoever wants that of the claims takes it before this one, whoever
 * wants the limiter's after it.
 */
final class HeldQueue {
    final HeldMessages messages;
    final HeldClaim claims;
    private final BotId bot;
    private final LocalRateLimiter limiter;
    private final LongSupplier microClock;
    private final InMemoryIdempotencyGuard claimed;
    private final QueueSettings settings;
    private final HeldEndings endings;
    private final ReentrantLock lock = new ReentrantLock();

    HeldQueue(
            BotId bot,
            LongSupplier microClock,
            LocalRateLimiter limiter,
            Supplier<TelegramLimits> limits,
            InMemoryIdempotencyGuard claimed,
            QueueSettings settings,
            RandomGenerator random) {
        this.bot = bot;
        this.limiter = limiter;
        this.microClock = microClock;
        this.claimed = claimed;
        this.settings = settings;
        messages = new HeldMessages(HeldMessage.micros(settings.keep()));
        claims = new HeldClaim(bot, messages, limiter, microClock, settings);
        endings = new HeldEndings(bot, messages, limiter, settings, random);
    }

    /** Does one step, at its time. */
    <T> T step(LongFunction<T> step) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            messages.forget(now);
            return step.apply(now);
        } finally {
            lock.unlock();
        }
    }

    List<Enqueued> enqueue(List<NewMessage> accepted) {
        return step(
                now -> accepted.stream().map(message -> enqueue(message, now)).toList());
    }

    private Enqueued enqueue(NewMessage message, long now) {
        Optional<HeldMessage> known = message.once().flatMap(once -> messages.findByKey(once.digest()));
        if (known.isPresent()) {
            HeldMessage earlier = known.get();
            boolean same = earlier.once
                    .map(NewMessage.Once::content)
                    .equals(message.once().map(NewMessage.Once::content));
            return same ? new Enqueued.Known(earlier.id) : new Enqueued.Mismatch(earlier.id);
        }
        Optional<KeyStanding> call = message.once().flatMap(this::standing);
        if (call.isPresent()) {
            return new Enqueued.Claimed(call.get());
        }
        if (messages.size() >= settings.bound()) {
            return new Enqueued.Full(settings.bound());
        }
        if (message.callback().isPresent() && messages.callbacks.owed() >= Callbacks.MOST_OWED) {
            return new Enqueued.Full(Callbacks.MOST_OWED);
        }
        var held = new HeldMessage(bot, messages.tick(now), message, now);
        message.callback().ifPresent(target -> messages.callbacks.accept(held, target));
        messages.accept(held, now);
        return new Enqueued.Added(held.id);
    }

    private Optional<KeyStanding> standing(NewMessage.Once once) {
        return claimed.standing(new IdempotencyKey(bot.toString(), once.digest()), once.content());
    }

    /** The message that a key belongs to. */
    Optional<LocalMessageQueue.Keyed> holder(String digest, Duration keep) {
        return step(now -> messages.findByKey(digest)
                .filter(message -> keep.isZero()
                        || message.stage.state.isPending()
                        || message.until + HeldMessage.micros(keep) > now)
                .map(message -> new LocalMessageQueue.Keyed(
                        message.id, message.once.orElseThrow().content(), message.stage.state.isPending())));
    }

    Claims claim(int max, TelegramLimits limits) {
        return step(now -> claims.claim(max, limits, now));
    }

    List<Leased> claimAlong(Lease lease, int behind) {
        return step(now -> claims.claimAlong(lease, behind, now));
    }

    void limitsChanged() {
        step(now -> {
            claims.limitsChanged(now);
            return now;
        });
    }

    List<Optional<MessageState>> settle(List<Settlement> settlements, TelegramLimits limits) {
        return step(now -> settlements.stream()
                .map(settlement -> endings.settle(settlement, limits, now))
                .toList());
    }

    List<Boolean> extend(List<Lease> leases, Duration by) {
        return step(now -> leases.stream()
                .map(lease -> extend(lease, now + HeldMessage.micros(by)))
                .toList());
    }

    private boolean extend(Lease lease, long ends) {
        Optional<HeldMessage> held = messages.find(lease.id())
                .filter(message -> message.stage == Stage.LEASED && message.fence == lease.fence());
        held.ifPresent(message -> {
            message.until = ends;
            messages.lanes.of(message).move(messages.lanes.leased, ends);
        });
        return held.isPresent();
    }

    /** What is done to one message. */
    @FunctionalInterface
    interface OneChange {
        Change apply(HeldMessage message, long now);
    }

    Change change(MessageId id, OneChange change) {
        return step(now ->
                messages.find(id).map(message -> change.apply(message, now)).orElse(Change.ABSENT));
    }

    Change cancel(MessageId id) {
        return change(id, (message, now) -> {
            if (!message.stage.isWaiting()) {
                return notWaiting(message);
            }
            messages.take(message);
            return messages.giveUp(message, FailureClass.CANCELLED, now) ? Change.UNKNOWN : Change.DONE;
        });
    }

    Change reprioritise(MessageId id, Priority priority) {
        int rank = HeldMessage.rank(priority);
        return change(id, (message, now) -> {
            if (!message.stage.isWaiting()) {
                return notWaiting(message);
            }
            if (message.rank != rank) {
                rank(message, rank);
            }
            return Change.DONE;
        });
    }

    private static Change notWaiting(HeldMessage message) {
        return message.stage == Stage.LEASED ? Change.IN_FLIGHT : Change.NOT_POSSIBLE;
    }

    private void rank(HeldMessage message, int rank) {
        if (message.stage == Stage.DELAYED) {
            message.rank = rank;
        } else if (message.stage == Stage.RETRYING) {
            messages.lanes.retrying[message.rank]--;
            messages.lanes.rankAtFront(message, rank);
            messages.lanes.retrying[message.rank]++;
        } else {
            messages.lanes.remove(message);
            message.rank = rank;
            messages.lanes.add(message);
        }
    }

    Optional<MessageDetails> find(MessageId id) {
        return step(now -> messages.find(id).map(HeldMessage::details));
    }

    Optional<Why> why(MessageId id, TelegramLimits limits) {
        return step(now -> messages.find(id).map(message -> why(message, limits, now)));
    }

    private Why why(HeldMessage message, TelegramLimits limits, long now) {
        return switch (message.stage) {
            case DELAYED -> new Why(message.stage.state, new Why.Hold.NotBefore(remaining(message.until, now)), 0);
            case UNKNOWN, DEAD, FAILED, SENT -> new Why(message.stage.state, new Why.Hold.Ended(), 0);
            case QUEUED, AGAIN, RETRYING, LEASED -> {
                long ahead = messages.lanes.ahead(message);
                Why.Hold first = hold(messages.lanes.of(message).head(), limits, now);
                yield new Why(message.stage.state, ahead == 0 ? first : new Why.Hold.Behind(first), ahead);
            }
        };
    }

    private Why.Hold hold(HeldMessage head, TelegramLimits limits, long now) {
        if (head.stage == Stage.LEASED) {
            return new Why.Hold.InFlight(remaining(head.until, now));
        } else if (claims.isBotPaused()) {
            return new Why.Hold.Paused(new PauseScope.WholeBot());
        } else if (messages.lanes.paused.contains(head.lane)) {
            return new Why.Hold.Paused(new PauseScope.OneChat(head.chat.orElseThrow()));
        } else if (claims.isPaused(head.rank)) {
            return new Why.Hold.Paused(new PauseScope.OnePriority(HeldMessage.priority(head.rank)));
        } else if (head.stage == Stage.RETRYING && head.until > now) {
            return new Why.Hold.Backoff(remaining(head.until, now));
        }
        return limiter.denial(claims.acquisition(head, limits))
                .<Why.Hold>map(
                        denied -> new Why.Hold.Limited(denied.bucket().scope(), denied.cause(), denied.retryAfter()))
                .orElseGet(Why.Hold.Nothing::new);
    }

    private static Duration remaining(long until, long now) {
        return Duration.of(Math.max(0, until - now), ChronoUnit.MICROS);
    }

    /** Pauses or resumes. */
    void pause(PauseScope scope, boolean on) {
        step(now -> {
            switch (scope) {
                case PauseScope.WholeBot() -> claims.pauseBot(on);
                case PauseScope.OneChat(ChatId chat) -> messages.lanes.pause(messages.lanes.now(Lanes.of(chat)), on);
                case PauseScope.OnePriority(Priority priority) -> claims.pause(priority, on);
            }
            return scope;
        });
    }

    /** As {@code identify.lua}. */
    void identify(ChatId chat, ChatId id, TelegramLimits limits) {
        step(now -> {
            messages.lanes
                    .identify(Lanes.of(chat), id, MessageQueue.MAX_ALIASES)
                    .ifPresent(known -> {
                        limiter.join(
                                TelegramLimits.chatBucket(bot, chat),
                                TelegramLimits.chatBucket(bot, known),
                                limits.chat());
                        limiter.join(
                                TelegramLimits.groupBucket(bot, chat),
                                TelegramLimits.groupBucket(bot, known),
                                limits.group());
                    });
            return id;
        });
    }

    ChatId identity(ChatId chat) {
        return step(now -> messages.lanes.identity(chat));
    }

    /** As {@code ahead.lua}. */
    <T> T beside(LanePlace place, Function<Ahead, T> step) {
        return step(now -> step.apply(ahead(place, now)));
    }

    private Ahead ahead(LanePlace place, long now) {
        HeldLane lane = messages.lanes.byName.get(place.chat().subject());
        if (lane == null) {
            return Ahead.NOTHING;
        }
        HeldMessage head = lane.head();
        boolean underWay = head.stage == Stage.LEASED;
        if (claims.isPaused(head.rank) || messages.lanes.paused.contains(lane.name)) {
            return new Ahead(0, underWay);
        }
        int rank = HeldMessage.rank(place.priority());
        long since = now - HeldMessage.micros(place.waited());
        long before = lane.messages.stream()
                .skip(underWay ? 1 : 0)
                .takeWhile(it -> it.atFront || it.rank < rank || it.rank == rank && it.id.number() <= since)
                .limit(Ahead.MOST_COUNTED)
                .count();
        return new Ahead((int) before, underWay);
    }

    /**
     * Whether it holds nothing but messages that have ended, and nothing was accepted or leased since. Then its counters and the other names of
     * chats are gone. As {@code retire.lua}.
     */
    boolean isRetired(long since) {
        return step(now -> {
            boolean retired = messages.size() == 0
                    && messages.callbacks.owed() == 0
                    && messages.lanes.paused.isEmpty()
                    && !claims.isBotPaused()
                    && claims.pausedPriorities().isEmpty()
                    && !messages.isUsedSince(since);
            if (retired) {
                messages.retire();
            }
            return retired;
        });
    }

    QueueStatistics statistics() {
        return step(now -> {
            HeldLanes lanes = messages.lanes;
            Map<Priority, Long> depth = new EnumMap<>(Priority.class);
            Map<Priority, Long> retrying = new EnumMap<>(Priority.class);
            for (Priority priority : Priority.values()) {
                depth.put(priority, lanes.depth[HeldMessage.rank(priority)]);
                long vips = priority == Priority.HIGH ? messages.lanes.retrying[HeldMessage.VIP_RANK] : 0;
                retrying.put(priority, vips + messages.lanes.retrying[HeldMessage.rank(priority)]);
            }
            return new QueueStatistics(
                    messages.accepted,
                    messages.sent,
                    messages.failed,
                    messages.unknown.size(),
                    messages.delayed.size(),
                    lanes.depth[HeldMessage.VIP_RANK],
                    depth,
                    lanes.leased.size(),
                    retrying,
                    messages.dead.size(),
                    settings.bound(),
                    claims.isBotPaused(),
                    claims.pausedPriorities(),
                    lanes.paused.size(),
                    lanes.oldest().map(number -> HeldMessage.instant(number)));
        });
    }
}
