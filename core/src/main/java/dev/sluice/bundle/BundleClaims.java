package dev.sluice.bundle;

import dev.sluice.SluiceException;
import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.ClaimWaits.Wait;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands bundles over, and lets those wait who want them. Thread-safe. */
final class BundleClaims implements AutoCloseable {
    /** News may be lost. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** While none can be heard, or Redis does not answer. */
    private static final Duration LOOK_DEAF = Duration.ofMillis(250);

    /** A process that has the key may take it meanwhile. */
    private static final Duration UNREADABLE = Duration.ofSeconds(5);

    /** After that nobody has the key, and whoever goes on writing has waited long enough for an answer. */
    private static final Duration UNREADABLE_KEPT = Duration.ofHours(1);

    private static final Duration LONGEST_UNREADABLE = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(BundleClaims.class);

    private final BundleStores stores;
    private final BundleSeals seals;
    private final MemoryOnly memoryOnly;
    private final BundleEvents events;
    private final AsideNews news;
    private final ClaimWaits waits;
    private final OutageGrace grace;

    BundleClaims(BundleStores stores, BundleSeals seals, MemoryOnly memoryOnly, BundleEvents events) {
        this.stores = stores;
        this.grace = stores.grace();
        this.seals = seals;
        this.memoryOnly = memoryOnly;
        this.events = events;
        this.news = new AsideNews(events);
        this.waits = new ClaimWaits(stores.shared(), stores.local());
    }

    /** As {@link Bundles#claim}. */
    List<Bundle> claim(BotId bot, int most, Duration lease, Duration maxWait, CompletableFuture<?> unless)
            throws InterruptedException {
        try (Wait wait = waits.enter(bot)) {
            // Goes with the future, which must not outlive many claims.
            var unused = unless.thenRun(wait::ring);
            return claim(wait, bot, most, lease, maxWait, unless::isDone);
        }
    }

    /** As the other, for one who claims over and over; whoever changes its mind rings. */
    List<Bundle> claim(BotId bot, int most, Duration lease, Duration maxWait, BooleanSupplier over)
            throws InterruptedException {
        try (Wait wait = waits.enter(bot)) {
            return claim(wait, bot, most, lease, maxWait, over);
        }
    }

    /** Lets those look again who wait. */
    void ring(BotId bot) {
        waits.ring(bot);
    }

    int waiting() {
        return waits.size();
    }

    private List<Bundle> claim(Wait wait, BotId bot, int most, Duration lease, Duration maxWait, BooleanSupplier over)
            throws InterruptedException {
        long end = System.nanoTime() + maxWait.toNanos();
        while (true) {
            Look look = look(bot, most, lease);
            if (over.getAsBoolean()) {
                look.bundles().forEach(this::leave);
                return List.of();
            }
            if (!look.bundles().isEmpty()) {
                look.bundles().forEach(this::tell);
                return look.bundles();
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                if (look.failure().isPresent()) {
                    events.unavailable();
                    throw look.failure().get();
                }
                return List.of();
            }
            wait.await(Math.min(left, look.pause().toNanos()));
        }
    }

    private void leave(Bundle bundle) {
        try {
            stores.putBack(bundle.id(), bundle.fence(), Duration.ZERO, false);
        } catch (SluiceException e) {
            log.debug("a bundle that nobody wants any more waits for the end of its lease", e);
        }
    }

    /** What a look found, and when to look again if nothing. */
    private record Look(List<Bundle> bundles, Duration pause, Optional<SluiceException> failure) {
        static Look nothing(Duration pause) {
            return new Look(List.of(), pause, Optional.empty());
        }

        Look and(Look other) {
            var both = new ArrayList<>(bundles);
            both.addAll(other.bundles);
            return new Look(both, least(pause, Optional.of(other.pause)), failure.or(() -> other.failure));
        }
    }

    private Look look(BotId bot, int most, Duration lease) throws InterruptedException {
        if (stores.shared().isEmpty()) {
            return lookHere(bot, most, lease);
        }
        BundleStore store = stores.shared().get();
        // Either at random, so that neither is left out while more is due in the other than can be handled.
        if (ThreadLocalRandom.current().nextBoolean()) {
            Look here = lookHere(bot, most, lease);
            int room = most - here.bundles().size();
            return room == 0
                    ? here
                    : here.and(lookThere(store, bot, room, lease, here.bundles().isEmpty()));
        }
        Look there = lookThere(store, bot, most, lease, true);
        int room = most - there.bundles().size();
        return room == 0 ? there : there.and(lookHere(bot, room, lease));
    }

    private Look lookHere(BotId bot, int most, Duration lease) {
        Claimed here = takenHere(bot, most, lease);
        return new Look(
                readable(stores.local(), BundleSeals.HERE, here.bundles()),
                least(Bundles.LONGEST_WAIT, here.next()),
                Optional.empty());
    }

    private Claimed takenHere(BotId bot, int most, Duration lease) {
        Claimed here = stores.local().claim(bot, most, lease);
        news.tell(here.aside());
        int gone = 0;
        for (AsideBundle bundle : here.aside().bundles()) {
            if (mustNotBeKept(bundle.id().conversation()) && stores.local().drop(bundle.id())) {
                gone++;
            }
        }
        news.gone(gone);
        return here;
    }

    private boolean mustNotBeKept(Conversation conversation) {
        try {
            return memoryOnly.includes(conversation);
        } catch (SluiceException e) {
            return true; // nobody can say
        }
    }

    /** @param mayThrow whether nothing is lost if an interrupt ends this; otherwise the next wait sees it */
    private Look lookThere(BundleStore store, BotId bot, int most, Duration lease, boolean mayThrow)
            throws InterruptedException {
        long asked = System.nanoTime();
        try {
            if (grace.isAway()) {
                store.standing(bot);
                grace.answered(lease);
            }
            Duration left = grace.left();
            if (left.isPositive()) {
                return Look.nothing(left);
            }
            Claimed there = store.claim(bot, most, lease);
            grace.taken();
            news.tell(there.aside());
            return new Look(
                    readable(store, seals, there.bundles()),
                    least(waits.isLive() ? LOOK : LOOK_DEAF, there.next()),
                    Optional.empty());
        } catch (RedisUnavailableException e) {
            if (e.reason() == Reason.INTERRUPTED && mayThrow && Thread.interrupted()) {
                var interrupted = new InterruptedException("while bundles were looked for");
                interrupted.initCause(e);
                throw interrupted;
            }
            if (e.reason() != Reason.INTERRUPTED) {
                grace.notTaken(asked);
            }
            return new Look(List.of(), LOOK_DEAF, Optional.of(e));
        } catch (SluiceException e) {
            // A key that somebody else wrote, or a newer version: what is in memory must not wait for that.
            return new Look(List.of(), LOOK_DEAF, Optional.of(e));
        }
    }

    /** Takes what is due of this process' memory. */
    List<Bundle> claimHere(BotId bot, int most, Duration lease) {
        List<Bundle> taken = readable(
                stores.local(), BundleSeals.HERE, takenHere(bot, most, lease).bundles());
        taken.forEach(this::tell);
        return taken;
    }

    private List<Bundle> readable(BundleStore store, BundleSeals keys, List<Leased> leased) {
        var bundles = new ArrayList<Bundle>(leased.size());
        for (Leased one : leased) {
            Optional<Bundle> bundle = keys.read(one);
            if (bundle.isPresent()) {
                bundles.add(bundle.get());
            } else {
                putBackUnreadable(store, one);
            }
        }
        return bundles;
    }

    private void putBackUnreadable(BundleStore store, Leased bundle) {
        events.unreadable();
        Duration age = since(BundleSeals.instant(bundle.messages().getLast().arrival()), bundle.fence());
        boolean over = age.compareTo(UNREADABLE_KEPT) >= 0;
        log.warn(
                "a bundle of {} cannot be read: it was sealed by a key that is not known here, or written by a newer version; it is {}",
                bundle.conversation().digest(),
                over ? "set aside" : "put back");
        try {
            if (over) {
                news.tell(store.setAside(bundle.conversation(), bundle.fence()));
            } else {
                Duration after = least(LONGEST_UNREADABLE, Optional.of(age.dividedBy(4)));
                store.putBack(
                        bundle.conversation(),
                        bundle.fence(),
                        after.compareTo(UNREADABLE) < 0 ? UNREADABLE : after,
                        false);
            }
        } catch (SluiceException e) {
            log.debug("a bundle that cannot be read waits for the end of its lease", e);
        }
    }

    private void tell(Bundle bundle) {
        events.handedOver(bundle.messages().size(), since(bundle.began(), bundle.fence()));
        if (log.isDebugEnabled()) {
            log.debug(
                    "bundle of {}: {} messages handed over",
                    bundle.conversation().digest(),
                    bundle.messages().size());
        }
    }

    /** The fence is the store's time of the lease, or hardly more. */
    private static Duration since(Instant then, long fence) {
        Duration age = Duration.between(then, BundleSeals.instant(fence));
        return age.isNegative() ? Duration.ZERO : age;
    }

    private static Duration least(Duration one, Optional<Duration> other) {
        return other.filter(another -> another.compareTo(one) < 0).orElse(one);
    }

    @Override
    public void close() {
        waits.close();
    }
}
