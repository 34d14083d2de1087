package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Aside;
import dev.sluice.bundle.BundleStore.Incoming;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.bundle.InMemoryBundleStore.Forgotten;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bursts of messages, joined; for those who take bundles by themselves, such as programs in other languages. In Java {@link Bundler} does
 * it for them. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees: each message that was {@linkplain Addition.Added added} is in exactly one bundle; which one is decided by when messages
 * came, by the store's clock. Bundles of a conversation are handed over one at a time, in order. A bundle is handed over until it is
 * settled: once, or more often if a lease ran out meanwhile; after {@link BundleSettings#mostLost} of these it is
 * {@linkplain #aside set aside}. What breaks them stands in the package's description.
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

    private static final Logger log = LoggerFactory.getLogger(Bundles.class);

    private final BundleStores stores;
    private final BundleSettings settings;
    private final BundlePlace place;
    private final OnStoreFailure onStoreFailure;
    private final BundleSeals seals;
    private final MemoryOnly memoryOnly;
    private final BundleEvents events;
    private final AsideNews news;
    private final AsideBundles aside;
    private final BundleClaims claims;

    Bundles(
            BundleStores stores,
            BundleSettings settings,
            BundlePlace place,
            OnStoreFailure onStoreFailure,
            BundleSeals seals,
            MemoryOnly memoryOnly,
            BundleEvents events) {
        this.stores = stores;
        this.settings = settings;
        this.place = place;
        this.onStoreFailure = onStoreFailure;
        this.seals = seals;
        this.memoryOnly = memoryOnly;
        this.events = events;
        this.news = new AsideNews(events);
        this.aside = new AsideBundles(stores, news);
        this.claims = new BundleClaims(stores, seals, memoryOnly, events);
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
        return new BundlesBuilder(Optional.of(settings ->
                new RedisBundleStore(deciding, settling, keys, announcements, settings, RedisBundleStore.MOST_PEOPLE)));
    }

    /**
     * Takes a message.
     *
     * @throws RedisUnavailableException if Redis does not answer and nothing else may take it ({@link OnStoreFailure#CLOSED}); it may have been
     *     taken all the same if {@link RedisUnavailableException#mayHaveRun}: whoever sends it again is told that it is a duplicate
     */
    public Addition add(Conversation conversation, TalkMessage message) {
        aside.saw(conversation.bot());
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
            log.debug(
                    "bundle of {}: {}", conversation.digest(), answer.getClass().getSimpleName());
        }
        return answer;
    }

    private Addition taken(Conversation conversation, TalkMessage message) {
        if (stores.shared().isEmpty()) {
            return takenHere(conversation, message, place == BundlePlace.OFF);
        }
        try {
            if (memoryOnly.includes(conversation)) {
                return takenHere(conversation, message, place == BundlePlace.OFF);
            }
            if (stores.local().goesOnHere(conversation, message.id())) {
                // Whoever has something here goes on here: so it stays in order when Redis is back. A repeat is known
                // here.
                return takenHere(conversation, message, onStoreFailure == OnStoreFailure.OPEN);
            }
            return takenThere(stores.shared().get(), conversation, message);
        } catch (RedisUnavailableException e) {
            return switch (onStoreFailure) {
                case CLOSED -> throw e;
                case LOCAL -> takenHere(conversation, message, false);
                case OPEN -> takenHere(conversation, message, true);
            };
        }
    }

    private Addition takenThere(BundleStore store, Conversation conversation, TalkMessage message) {
        Incoming incoming = incoming(conversation, message, message.command(), seals.write(conversation, message));
        try {
            return addition(store.add(incoming), true);
        } catch (RedisUnavailableException e) {
            if (!e.mayHaveRun() || e.reason() == Reason.INTERRUPTED) {
                throw e;
            }
            // It may be there: asked once more, since there it would be a duplicate, and here a second one.
            Answer again = addedAgain(store, incoming, e);
            return again instanceof Answer.Duplicate(long arrival)
                    ? new Addition.Added(BundleSeals.instant(arrival), true)
                    : addition(again, true);
        }
    }

    /** @param lost what became of the first attempt, which may be there whatever becomes of this */
    private static Answer addedAgain(BundleStore store, Incoming incoming, RedisUnavailableException lost) {
        try {
            return store.add(incoming);
        } catch (RedisUnavailableException e) {
            lost.addSuppressed(e);
            throw lost;
        }
    }

    private Addition takenHere(Conversation conversation, TalkMessage message, boolean passes) {
        return addition(
                stores.local()
                        .add(incoming(
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

    private Addition addition(Answer answer, boolean isShared) {
        return switch (answer) {
            case Answer.Added(long arrival, Aside aside) -> {
                news.tell(aside);
                yield new Addition.Added(BundleSeals.instant(arrival), isShared);
            }
            case Answer.Duplicate(long arrival) -> new Addition.Duplicate(BundleSeals.instant(arrival));
            case Answer.Full(Aside aside) -> {
                news.tell(aside);
                yield new Addition.Full();
            }
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
        aside.saw(bot);
        return claims.claim(bot, most, lease, maxWait, unless);
    }

    /** As {@link #claim}, for one who claims over and over and {@linkplain #ring rings} when it is over. */
    List<Bundle> claimUntil(BotId bot, int most, Duration lease, Duration maxWait, BooleanSupplier over)
            throws InterruptedException {
        aside.saw(bot);
        return claims.claim(bot, most, lease, maxWait, over);
    }

    void ring(BotId bot) {
        claims.ring(bot);
    }

    /** Takes what is due of this process' memory. */
    List<Bundle> claimHere(BotId bot, int most, Duration lease) {
        return claims.claimHere(bot, most, lease);
    }

    /**
     * Lets the lease of a bundle begin anew.
     *
     * @return false if the bundle is another's, or gone
     */
    public boolean renew(BundleId id, long fence, Duration lease) {
        requireLease(lease);
        requireFence(fence);
        return stores.renew(id, fence, lease);
    }

    /**
     * Says that a bundle was handled; the conversation's next may be taken then. The same once more is true, too.
     *
     * @return false if the bundle is another's, or gone
     */
    public boolean settle(BundleId id, long fence) {
        requireFence(fence);
        boolean settled = stores.settle(id, fence);
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
        requireFence(fence);
        Return answer = stores.putBack(id, fence, after, true);
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
        return release(id, fence, Duration.ZERO);
    }

    /** The same, after a while. */
    boolean release(BundleId id, long fence, Duration after) {
        requireFence(fence);
        return stores.putBack(id, fence, after, false) != Return.LOST;
    }

    /** Those that are handed over no more, since they kill whoever handles them or nobody can read them. */
    public AsideBundles aside() {
        return aside;
    }

    /**
     * Drops all that a person said in a chat and nobody has handled, or that was set aside.
     *
     * @return whether there was anything
     */
    public boolean forget(Conversation conversation) {
        return stores.forget(conversation);
    }

    /**
     * Drops all that a person said to a bot and nobody has handled, or that was set aside, in all chats; in several steps: what comes meanwhile may stay.
     *
     * @return in how many chats there was anything
     */
    public int forget(BotId bot, long user) {
        return stores.forget(bot, user);
    }

    /** What persons said and nobody has handled, and what is remembered of it: in all chats, of all bots. */
    public PersonalData personalData() {
        return new PersonalData() {
            @Override
            public String family() {
                return "talkbuf";
            }

            @Override
            public long forget(long user) {
                return stores.forget(user);
            }

            @Override
            public long forgetText(long user) {
                return stores.forgetShared(user);
            }

            @Override
            public void forgetHere(long user) {
                stores.forgetHere(Set.of(user));
            }

            @Override
            public void forgetHere(Set<Long> users) {
                stores.forgetHere(users);
            }

            @Override
            public void forgetEverybodyHere() {
                Forgotten forgotten = stores.local().forgetAll();
                events.dropped(forgotten.unhandled());
                news.gone(forgotten.aside());
            }
        };
    }

    /** How many messages are in this process' memory, and end with it. */
    public int messagesHere() {
        return stores.local().messages();
    }

    /** How many of this process wait for bundles. */
    public int waiting() {
        return claims.waiting();
    }

    boolean isEmptyHere(BotId bot) {
        return stores.local().messages(bot) == 0;
    }

    /** Lets all become due that this process' memory still collects. */
    void closeHere(BotId bot) {
        stores.local().closeAll(bot);
    }

    /** Hears nothing more; messages of this process' memory that nobody has handled end with it, and are counted, as are bundles that it set aside. */
    @Override
    public void close() {
        claims.close();
        int left = stores.local().messages();
        if (left > 0) {
            events.dropped(left);
            log.warn("{} messages in this process' memory were not handled", left);
        }
        news.gone(stores.local().asideCount());
    }

    private static void requireLease(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException(
                    "the lease of a bundle must be " + SHORTEST_LEASE + " to " + LONGEST_LEASE + ", not " + lease);
        }
    }

    private static void requireFence(long fence) {
        if (fence < 1) {
            throw new IllegalArgumentException("the fence of a bundle must be 1 or more, not " + fence);
        }
    }

    private static void requireWithin(String what, Duration value, Duration most) {
        if (value.isNegative() || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " must be zero to " + most + ", not " + value);
        }
    }
}
