package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.ClaimWaits.Wait;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

    private static final Logger log = LoggerFactory.getLogger(BundleClaims.class);

    private final BundleStores stores;
    private final BundleSeals seals;
    private final BundleEvents events;
    private final ClaimWaits waits;

    BundleClaims(BundleStores stores, BundleSeals seals, BundleEvents events) {
        this.stores = stores;
        this.seals = seals;
        this.events = events;
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
        } catch (RedisUnavailableException e) {
            log.debug("a bundle that nobody wants any more waits for the end of its lease", e);
        }
    }

    /** What a look found, and when to look again if nothing. */
    private record Look(List<Bundle> bundles, Duration pause, Optional<RedisUnavailableException> failure) {}

    private Look look(BotId bot, int most, Duration lease) throws InterruptedException {
        Claimed here = stores.local().claim(bot, most, lease);
        var bundles = new ArrayList<>(readable(stores.local(), BundleSeals.HERE, here.bundles()));
        Duration pause = least(Bundles.LONGEST_WAIT, here.next());
        if (stores.shared().isEmpty() || bundles.size() == most) {
            return new Look(bundles, pause, Optional.empty());
        }
        try {
            BundleStore store = stores.shared().get();
            Claimed there = store.claim(bot, most - bundles.size(), lease);
            bundles.addAll(readable(store, seals, there.bundles()));
            pause = least(least(pause, there.next()), Optional.of(waits.isLive() ? LOOK : LOOK_DEAF));
            return new Look(bundles, pause, Optional.empty());
        } catch (RedisUnavailableException e) {
            if (e.reason() == Reason.INTERRUPTED && Thread.interrupted()) {
                var interrupted = new InterruptedException("while bundles were looked for");
                interrupted.initCause(e);
                throw interrupted;
            }
            return new Look(bundles, least(pause, Optional.of(LOOK_DEAF)), Optional.of(e));
        }
    }

    /** Takes what is due of this process' memory. */
    List<Bundle> claimHere(BotId bot, int most, Duration lease) {
        List<Bundle> taken = readable(
                stores.local(),
                BundleSeals.HERE,
                stores.local().claim(bot, most, lease).bundles());
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

    private static Duration least(Duration one, Optional<Duration> other) {
        return other.filter(another -> another.compareTo(one) < 0).orElse(one);
    }

    @Override
    public void close() {
        waits.close();
    }
}
