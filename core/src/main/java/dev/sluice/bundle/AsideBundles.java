package dev.sluice.bundle;

import dev.sluice.bundle.BundleStore.Requeued;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Bundles that are handed over no more: their leases ran out over and over ({@link BundleSettings#mostLost}), as if they killed whoever
 * handles them, or nobody can read them. Their person's next messages go on in new bundles.
 *
 * <p>They are kept as long as what nobody takes, 1,000 of each bot at most; then the oldest go. Thread-safe; blocks its (virtual) thread, and
 * throws {@link RedisUnavailableException} if Redis does not answer.
 */
public final class AsideBundles {
    /** As many may be listed at a time. */
    public static final int MOST_LISTED = 1_000;

    /** What became of a bundle that was to be handed over again. */
    public enum Requeue {
        /** It is handed over. */
        BACK,
        /** There is no room for it: so much of its person, or of others, is not handled yet. */
        FULL,
        /** It is still set aside: another program wrote there. */
        UNREADABLE,
        /** There is none, or not any more. */
        GONE
    }

    private final BundleStores stores;
    private final AsideNews news;
    private final AsideCount count;

    AsideBundles(BundleStores stores, AsideNews news) {
        this.stores = stores;
        this.news = news;
        this.count = new AsideCount(stores::asideCount);
    }

    /**
     * How many are set aside, of all bots that somebody brought messages of or asked for bundles of in this process, 1,000 at most; what other
     * processes have in their own memory is not among them. Up to five seconds old.
     */
    public long count() {
        return count.now();
    }

    /** Somebody works for this bot. */
    void saw(BotId bot) {
        count.saw(bot);
    }

    /**
     * Those of a bot, the oldest first.
     *
     * @param after {@link AsideBundle#at} of the last of the page before; {@link Instant#EPOCH} to begin
     * @param most 1 to {@link #MOST_LISTED}
     */
    public List<AsideBundle> list(BotId bot, Instant after, int most) {
        if (most < 1 || most > MOST_LISTED) {
            throw new IllegalArgumentException("bundles are listed by 1 to " + MOST_LISTED + ", not " + most);
        }
        if (after.isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("bundles are listed from 1970 on, not from " + after);
        }
        return stores.aside(bot, ChronoUnit.MICROS.between(Instant.EPOCH, after), most);
    }

    /**
     * Lets a bundle be handed over again as if it had never been set aside: before what waits of the same person and was said after it, whichever
     * of several is first, but behind what is handled just now or has failed. What was said after it may have been answered long since. If
     * Redis did it and its answer was lost, the same once more is {@link Requeue#GONE}.
     */
    public Requeue requeue(BundleId id) {
        Requeued requeued = stores.requeue(id);
        news.tell(requeued.aside());
        count.changed();
        return requeued.answer();
    }

    /** Drops one. @return whether it was there */
    public boolean drop(BundleId id) {
        boolean dropped = stores.drop(id);
        count.changed();
        return dropped;
    }
}
