package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Incoming;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.bundle.ClaimWaits.Wait;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bursts of messages, joined; for those who take bundles by themselves, such as programs in other languages. In Java {@link Bundler} does
 * it for them. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees: each message that was {@linkplain Addition.Added added} is in exactly one bundle; which one is decided by when messages
 * came, by the store's clock. Bundles of a conversation are handed over one at a time, in order. A bundle is handed over until it is
 * settled: once, or more often if a lease ran out meanwhile. What breaks them stands in the package's description.
 *
 * <p>Leases are {@link #SHORTEST_LEASE} to {@link #LONGEST_LEASE}. While Redis is away, messages are taken as {@link OnStoreFailure} says.
 */
public final class Bundles implements AutoCloseable {
    public static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
    public static final Duration LONGEST_LEASE = Duration.ofMinutes(10);

    /** The longest wait for bundles. */
    public static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /** The longest time after which a bundle that failed is handed over again. */
    public static final Duration LONGEST_DELAY = Duration.ofHours(1);

    /** As many may be taken at a time. */
    public static final int MOST_AT_ONCE = 32;

    /** News may be lost. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** While none can be heard, or Redis does not answer. */
    private static final Duration LOOK_DEAF = Duration.ofMillis(250);

    /** A process that has the key may take it meanwhile. */
    private static final Duration UNREADABLE = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(Bundles.class);

    private final Optional<BundleStore> shared;
    private final InMemoryBundleStore local;
    private final BundleSettings settings;
    private final BundlePlace place;
    private final OnStoreFailure onStoreFailure;
    private final BundleSeals seals;
    private final MemoryOnly memoryOnly;
    private final BundleEvents events;
    private final ClaimWaits waits;

    Bundles(
            Optional<BundleStore> shared,
            InMemoryBundleStore local,
            BundleSettings settings,
            BundlePlace place,
            OnStoreFailure onStoreFailure,
            BundleSeals seals,
            MemoryOnly memoryOnly,
            BundleEvents events) {
        this.shared = shared;
        this.local = local;
        this.settings = settings;
        this.place = place;
        this.onStoreFailure = onStoreFailure;
        this.seals = seals;
        this.memoryOnly = memoryOnly;
        this.events = events;
        this.waits = new ClaimWaits(shared, local);
    }

    /** In this process' memory, until it ends. */
    public static BundlesBuilder inMemory() {
        return new BundlesBuilder(Optional.empty());
    }

    /**
     * Shared by all processes on one Redis, by its clock.
     *
     * @param settling for what a handler does: a settlement that is late is better than none
     * @param announcements tell those who wait that a bundle is due earlier than they know; without them they look by themselves
     */
    public static BundlesBuilder onRedis(
            ScriptRunner deciding, ScriptRunner settling, KeySpace keys, Announcements announcements) {
        return new BundlesBuilder(Optional.of(settings -> new RedisBundleStore(
                deciding, settling, keys, announcements, settings, RedisBundleStore.MOST_PEOPLE)));
    }

    /**
     * Takes a message.
     *
     * @throws RedisUnavailableException if Redis does not answer and nothing else may take it ({@link OnStoreFailure#CLOSED}); it may have been
     *     taken all the same if {@link RedisUnavailableException#mayHaveRun}: whoever sends it again is told that it is a duplicate
     */
    public Addition add(Conversation conversation, TalkMessage message) {
        Addition answer;
        try {
            answer = taken(conversation, message);
        } catch (RedisUnavailableException e) {
            events.unavailable();
            throw e;
        }
        switch (answer) {
            case Addition.Added(Instant arrival, boolean isShared) -> events.added(isShared);
            case Addition.Duplicate(Instant arrival) -> events.duplicate();
            case Addition.Full() -> events.full();
        }
        if (log.isDebugEnabled()) {
            log.debug("bundle of {}: {}", conversation.digest(), answer.getClass().getSimpleName());
        }
        return answer;
    }

    private Addition taken(Conversation conversation, TalkMessage message) {
        if (shared.isEmpty() || memoryOnly.includes(conversation)) {
            return takenHere(conversation, message, place == BundlePlace.OFF);
        }
        if (local.holds(conversation)) {
            // Whoever has something here goes on here: so it stays in order when Redis is back.
            return takenHere(conversation, message, onStoreFailure == OnStoreFailure.OPEN);
        }
        try {
            return takenThere(shared.get(), conversation, message);
        } catch (RedisUnavailableException e) {
            return switch (onStoreFailure) {
                case CLOSED -> throw e;
                case LOCAL -> takenHere(conversation, message, false);
                case OPEN -> takenHere(conversation, message, true);
            };
        }
    }

    private Addition takenThere(BundleStore store, Conversation conversation, TalkMessage message) {
        Incoming incoming =
                incoming(conversation, message, message.command(), seals.write(conversation, message));
        try {
            return addition(store.add(incoming), true);
        } catch (RedisUnavailableException e) {
            if (!e.mayHaveRun() || e.reason() == Reason.INTERRUPTED) {
                throw e;
            }
            // It may be there: asked once more, since there it would be a duplicate, and here a second one.
            Answer again = store.add(incoming);
            return again instanceof Answer.Duplicate(long arrival)
                    ? new Addition.Added(BundleSeals.instant(arrival), true)
                    : addition(again, true);
        }
    }

    private Addition takenHere(Conversation conversation, TalkMessage message, boolean passes) {
        return addition(
                local.add(incoming(
                        conversation,
                        message,
                        passes || message.command(),
                        BundleSeals.HERE.write(conversation, message))),
                false);
    }

    private Incoming incoming(Conversation conversation, TalkMessage message, boolean passes, byte[] content) {
        return new Incoming(conversation, message.id(), message.size(), passes, quiet(), content);
    }

    private Duration quiet() {
        long least = settings.quietLeast().toNanos();
        long most = settings.quietMost().toNanos();
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(least, most + 1));
    }

    private static Addition addition(Answer answer, boolean isShared) {
        return switch (answer) {
            case Answer.Added(long arrival) -> new Addition.Added(BundleSeals.instant(arrival), isShared);
            case Answer.Duplicate(long arrival) -> new Addition.Duplicate(BundleSeals.instant(arrival));
            case Answer.Full() -> new Addition.Full();
        };
    }

    /**
     * Takes bundles that are due, waiting for them if need be. Each is the caller's for the lease from now on; of a conversation there is one at
     * a time.
     *
     * @param most how many at most, 1 to {@link #MOST_AT_ONCE}
     * @param maxWait zero to {@link #LONGEST_WAIT}; zero asks once. The answer may take one decision of the store longer
     * @param unless ends the wait when it completes; what was taken then is put back. Must not fail
     * @return none if none came in time
     * @throws RedisUnavailableException if Redis does not answer at the end of the wait; before, it is asked again
     * @throws InterruptedException if the thread is interrupted
     */
    public List<Bundle> claim(BotId bot, int most, Duration lease, Duration maxWait, CompletableFuture<?> unless)
            throws InterruptedException {
        if (most < 1 || most > MOST_AT_ONCE) {
            throw new IllegalArgumentException("bundles are taken by 1 to " + MOST_AT_ONCE + ", not " + most);
        }
        requireLease(lease);
        requireWithin("a wait for bundles", maxWait, LONGEST_WAIT);
        long end = System.nanoTime() + maxWait.toNanos();
        try (Wait wait = waits.enter(bot)) {
            var unlessRung = unless.thenRun(wait::ring);
            try {
                while (true) {
                    Look look = look(bot, most, lease);
                    long left = end - System.nanoTime();
                    if (unless.isDone()) {
                        look.bundles().forEach(bundle -> release(bundle.id(), bundle.fence()));
                        return List.of();
                    }
                    if (!look.bundles().isEmpty()) {
                        look.bundles().forEach(this::tell);
                        return look.bundles();
                    }
                    if (left <= 0) {
                        if (look.failure().isPresent()) {
                            events.unavailable();
                            throw look.failure().get();
                        }
                        return List.of();
                    }
                    wait.await(Math.min(left, look.pause().toNanos()));
                }
            } finally {
                unlessRung.cancel(false);
            }
        }
    }

    /** What a look found, and when to look again if nothing. */
    private record Look(List<Bundle> bundles, Duration pause, Optional<RedisUnavailableException> failure) {}

    private Look look(BotId bot, int most, Duration lease) throws InterruptedException {
        Claimed here = local.claim(bot, most, lease);
        var bundles = new ArrayList<>(bundles(local, here.bundles()));
        Duration pause = least(LONGEST_WAIT, here.next());
        Optional<RedisUnavailableException> failure = Optional.empty();
        if (shared.isPresent() && bundles.size() < most) {
            try {
                Claimed there = shared.get().claim(bot, most - bundles.size(), lease);
                bundles.addAll(bundles(shared.get(), there.bundles()));
                pause = least(least(pause, there.next()), Optional.of(waits.isLive() ? LOOK : LOOK_DEAF));
            } catch (RedisUnavailableException e) {
                if (e.reason() == Reason.INTERRUPTED && Thread.interrupted()) {
                    var interrupted = new InterruptedException("while bundles were looked for");
                    interrupted.initCause(e);
                    throw interrupted;
                }
                failure = Optional.of(e);
                pause = least(pause, Optional.of(LOOK_DEAF));
            }
        }
        return new Look(List.copyOf(bundles), pause, failure);
    }

    /** Takes what is due of this process' memory. */
    List<Bundle> claimHere(BotId bot, int most, Duration lease) {
        List<Bundle> taken = bundles(local, local.claim(bot, most, lease).bundles());
        taken.forEach(this::tell);
        return taken;
    }

    private List<Bundle> bundles(BundleStore store, List<Leased> leased) {
        var bundles = new ArrayList<Bundle>(leased.size());
        for (Leased one : leased) {
            Optional<Bundle> readable = (store == local ? BundleSeals.HERE : seals).read(one);
            if (readable.isPresent()) {
                bundles.add(readable.get());
            } else {
                events.unreadable();
                log.warn(
                        "a bundle of {} cannot be read: it was sealed by a key that is not known here, or written by a newer version;"
                                + " it is put back",
                        one.conversation().digest());
                store.putBack(one.conversation(), one.fence(), UNREADABLE, false);
            }
        }
        return bundles;
    }

    private void tell(Bundle bundle) {
        // The fence is the store's time of the lease, or hardly more.
        Duration age = Duration.between(bundle.began(), BundleSeals.instant(bundle.fence()));
        events.handedOver(bundle.messages().size(), age.isNegative() ? Duration.ZERO : age);
        if (log.isDebugEnabled()) {
            log.debug(
                    "bundle of {}: {} messages handed over",
                    bundle.conversation().digest(),
                    bundle.messages().size());
        }
    }

    /**
     * Lets the lease of a bundle begin anew.
     *
     * @return false if the bundle is another's, or gone
     */
    public boolean renew(BundleId id, long fence, Duration lease) {
        requireLease(lease);
        return local.renew(id.conversation(), fence, lease)
                || shared.map(store -> store.renew(id.conversation(), fence, lease))
                        .orElse(false);
    }

    /**
     * Says that a bundle was handled; the conversation's next may be taken then. The same once more is true, too.
     *
     * @return false if the bundle is another's, or gone
     */
    public boolean settle(BundleId id, long fence) {
        boolean settled = local.settle(id.conversation(), fence)
                || shared.map(store -> store.settle(id.conversation(), fence)).orElse(false);
        if (settled) {
            events.handled();
        } else {
            events.lost();
        }
        return settled;
    }

    /**
     * Says that a bundle could not be handled. It is handed over again, or given up after {@link BundleSettings#mostFailures}.
     *
     * @param after zero to {@link #LONGEST_DELAY}
     * @return false if the bundle is another's, or gone
     */
    public boolean fail(BundleId id, long fence, Duration after) {
        requireWithin("the delay of a bundle", after, LONGEST_DELAY);
        Return answer = putBack(id, fence, after, true);
        switch (answer) {
            case BACK -> events.failed();
            case GIVEN_UP -> {
                events.failed();
                events.givenUp();
                log.warn(
                        "a bundle of {} was given up after {} failures",
                        id.conversation().digest(),
                        settings.mostFailures());
            }
            case LOST -> events.lost();
        }
        return answer != Return.LOST;
    }

    /**
     * Puts a bundle back for others, at once.
     *
     * @return false if the bundle is another's, or gone
     */
    public boolean release(BundleId id, long fence) {
        return putBack(id, fence, Duration.ZERO, false) != Return.LOST;
    }

    private Return putBack(BundleId id, long fence, Duration after, boolean failed) {
        Return here = local.putBack(id.conversation(), fence, after, failed);
        return here != Return.LOST || shared.isEmpty()
                ? here
                : shared.get().putBack(id.conversation(), fence, after, failed);
    }

    /**
     * Drops all that a person said in a chat and nobody has handled.
     *
     * @return whether there was anything
     */
    public boolean forget(Conversation conversation) {
        boolean here = local.forget(conversation);
        return shared.map(store -> store.forget(conversation)).orElse(false) || here;
    }

    /** How many of a bot's people have something that nobody has handled. */
    public long people(BotId bot) {
        return local.standing(bot).people()
                + shared.map(store -> store.standing(bot).people()).orElse(0L);
    }

    /** How many messages are in this process' memory, and end with it. */
    public int messagesHere() {
        return local.messages();
    }

    /** How many of this process wait for bundles. */
    public int waiting() {
        return waits.size();
    }

    boolean isEmptyHere(BotId bot) {
        return local.messages(bot) == 0;
    }

    /** Lets all become due that this process' memory still collects. */
    void closeHere(BotId bot) {
        local.closeAll(bot);
    }

    BundleEvents events() {
        return events;
    }

    /** Hears nothing more; messages of this process' memory that nobody has handled end with it, and are counted. */
    @Override
    public void close() {
        waits.close();
        int left = local.messages();
        if (left > 0) {
            events.dropped(left);
            log.warn("{} messages in this process' memory were not handled", left);
        }
    }

    private static Duration least(Duration one, Optional<Duration> other) {
        return other.filter(another -> another.compareTo(one) < 0).orElse(one);
    }

    private static void requireLease(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException(
                    "the lease of a bundle must be " + SHORTEST_LEASE + " to " + LONGEST_LEASE + ", not " + lease);
        }
    }

    private static void requireWithin(String what, Duration value, Duration most) {
        if (value.isNegative() || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " must be zero to " + most + ", not " + value);
        }
    }
}
