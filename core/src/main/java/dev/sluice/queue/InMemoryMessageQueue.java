package dev.sluice.queue;

import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.privacy.PersonalData;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** The queue of one process. Each method is one step under the lock of its bot's {@link HeldQueue}. */
final class InMemoryMessageQueue implements LocalMessageQueue {
    private static final Pattern BOT = Pattern.compile("[0-9]{1,16}");

    private final ConcurrentMap<BotId, HeldQueue> queues = new ConcurrentHashMap<>();
    /** Who is to be looked after, and when that was last said. */
    private final ConcurrentMap<BotId, Long> named = new ConcurrentHashMap<>();

    private final LongSupplier microClock;
    private final InMemoryIdempotencyGuard claims;
    private final LocalRateLimiter limiter;
    private final Function<BotId, TelegramLimits> limits;
    private final QueueSettings settings;
    private final RandomGenerator random;
    private final Snapshots snapshots;
    private final QueueWaiter waiter = new QueueWaiter(() -> true);
    private final List<Consumer<BotId>> listeners = new CopyOnWriteArrayList<>();
    private final HeldLists lists = new HeldLists(this::held, this::changed);

    InMemoryMessageQueue(
            LongSupplier microClock,
            LocalRateLimiter limiter,
            Function<BotId, TelegramLimits> limits,
            QueueSettings settings,
            RandomGenerator random) {
        this.microClock = microClock;
        this.claims = new InMemoryIdempotencyGuard(microClock);
        this.limiter = limiter;
        this.limits = limits;
        this.settings = settings;
        this.random = random;
        this.snapshots = new HeldSnapshots(this::used, claims, settings, this::changed);
    }

    /** The bot's queue; an empty one that nobody keeps if it never enqueued and nothing of it was paused. */
    HeldQueue held(BotId bot) {
        HeldQueue held = queues.get(bot);
        return held == null ? empty(bot) : held;
    }

    /** The same for whoever is about to give it messages: it is looked after from now on. */
    private HeldQueue used(BotId bot) {
        named.put(bot, microClock.getAsLong());
        return kept(bot);
    }

    private HeldQueue kept(BotId bot) {
        return queues.computeIfAbsent(bot, this::empty);
    }

    private HeldQueue empty(BotId bot) {
        return new HeldQueue(bot, microClock, limiter, () -> limits.apply(bot), claims, settings, random);
    }

    @Override
    public List<Enqueued> enqueueAll(BotId bot, List<NewMessage> messages) {
        Batch.require(messages.size());
        if (messages.isEmpty()) {
            return List.of();
        }
        HeldQueue queue = used(bot);
        // Whoever wants the claims takes them first, as a call does that asks for what is queued.
        List<Enqueued> enqueued =
                messages.stream().allMatch(message -> message.once().isEmpty())
                        ? queue.enqueue(messages)
                        : claims.withoutClaims(() -> queue.enqueue(messages));
        changed(bot);
        return enqueued;
    }

    @Override
    public Claims claim(BotId bot, int max) {
        Batch.requireClaim(max);
        return held(bot).claim(max, limits.apply(bot));
    }

    @Override
    public void limitsChanged(BotId bot) {
        held(bot).limitsChanged();
        changed(bot);
    }

    @Override
    public List<Leased> claimAlong(Lease lease, int behind) {
        return held(lease.id().bot()).claimAlong(lease, behind);
    }

    @Override
    public Claims awaitWork(BotId bot, int max, Duration atMost) throws InterruptedException {
        return waiter.await(bot, () -> claim(bot, max), atMost);
    }

    @Override
    public List<Optional<MessageState>> settle(BotId bot, List<Settlement> settlements) {
        Batch.require(bot, settlements, Settlement::lease);
        List<Optional<MessageState>> states = held(bot).settle(settlements, limits.apply(bot));
        changed(bot); // the chats' next ones may go
        return states;
    }

    @Override
    public List<Boolean> extend(BotId bot, List<Lease> leases, Duration lease) {
        Batch.require(bot, leases, held -> held);
        QueueSettings.requireLease(lease);
        return held(bot).extend(leases, lease);
    }

    @Override
    public Change cancel(MessageId id) {
        Change change = held(id.bot()).cancel(id);
        changed(id.bot());
        return change;
    }

    @Override
    public Change reprioritise(MessageId id, Priority priority) {
        Change change = held(id.bot()).reprioritise(id, priority);
        changed(id.bot());
        return change;
    }

    @Override
    public Optional<MessageDetails> find(MessageId id) {
        return held(id.bot()).find(id);
    }

    @Override
    public Optional<Why> why(MessageId id) {
        return held(id.bot()).why(id, limits.apply(id.bot()));
    }

    @Override
    public QueueStatistics statistics(BotId bot) {
        return held(bot).statistics();
    }

    @Override
    public void pause(BotId bot, PauseScope scope) {
        used(bot).pause(scope, true);
    }

    @Override
    public void resume(BotId bot, PauseScope scope) {
        held(bot).pause(scope, false);
        changed(bot);
    }

    @Override
    public void identify(BotId bot, ChatId chat, ChatId id) {
        Lanes.requireIdentity(chat, id);
        used(bot).identify(chat, id, limits.apply(bot));
        changed(bot);
    }

    @Override
    public ChatId identity(BotId bot, ChatId chat) {
        return held(bot).identity(chat);
    }

    /** There are no other processes; but whoever changes something here need not know the workers. */
    @Override
    public void listen(Consumer<BotId> news) {
        listeners.add(news);
    }

    private void changed(BotId bot) {
        waiter.stir(bot);
        listeners.forEach(listener -> listener.accept(bot));
    }

    @Override
    public boolean isListening() {
        return true;
    }

    @Override
    public <T> T beside(LanePlace place, Function<Ahead, T> step) {
        HeldQueue held = queues.get(place.bot());
        return held == null ? step.apply(Ahead.NOTHING) : held.beside(place, step);
    }

    @Override
    public InMemoryIdempotencyGuard claims() {
        return claims;
    }

    @Override
    public Optional<Keyed> holder(IdempotencyKey key, Duration keep) {
        HeldQueue held = BOT.matcher(key.tag()).matches() ? queues.get(new BotId(Long.parseLong(key.tag()))) : null;
        return held == null ? Optional.empty() : held.holder(key.digest(), keep);
    }

    @Override
    public Set<BotId> bots() {
        return Set.copyOf(named.keySet());
    }

    @Override
    public Set<BotId> forgetUnused(Duration unused) {
        QueueSettings.requireUnused(unused);
        long before = microClock.getAsLong() - HeldMessage.micros(unused);
        var forgotten = new HashSet<BotId>();
        for (BotId bot : named.keySet()) {
            // Under the entry's lock: whoever is about to enqueue has renewed it, or will name the bot again.
            named.computeIfPresent(bot, (same, since) -> {
                boolean stays = since >= before || !held(bot).isRetired(before);
                if (!stays) {
                    forgotten.add(bot);
                }
                return stays ? since : null;
            });
        }
        return forgotten;
    }

    @Override
    public DeadLetters deadLetters() {
        return lists.deadLetters();
    }

    @Override
    public UnknownMessages unknowns() {
        return lists.unknowns();
    }

    @Override
    public Snapshots snapshots() {
        return snapshots;
    }

    /** Texts may be in memory. */
    @Override
    public PersonalData personalData() {
        return PersonalData.withoutText(QueueScripts.FAMILY, user -> {
            String lane = Lanes.of(ChatId.of(user));
            return queues.values().stream()
                    .mapToLong(queue -> queue.step(now -> queue.messages.forgetLane(lane, now)))
                    .sum();
        });
    }

    @Override
    public Callbacks callbacks() {
        return new Callbacks() {
            @Override
            public DueCallbacks claim(BotId bot, int max, Duration lease) {
                Batch.requireClaim(max);
                HeldQueue queue = held(bot);
                return queue.step(now -> queue.messages.callbacks.claim(max, lease, now, queue.messages::tick));
            }

            @Override
            public boolean settle(OwedCallback callback, Telling telling) {
                HeldQueue queue = held(callback.id().bot());
                return queue.step(now -> queue.messages.callbacks.settle(callback, telling, now));
            }

            @Override
            public Optional<CallbackStatus> find(MessageId id) {
                HeldQueue queue = held(id.bot());
                return queue.step(now -> queue.messages.callbacks.find(id));
            }
        };
    }
}
