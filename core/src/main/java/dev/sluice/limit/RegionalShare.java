package dev.sluice.limit;

import dev.sluice.region.Regions;
import java.time.Duration;

/**
 * What one region may let through of a limit that holds for all regions together, so that each can decide alone.
 *
 * <p>Guarantee: a strict window of at least as many as there are regions is never exceeded by all of them together, excepted single
 * admissions that cost more than a share. One of fewer cannot be divided: then each region lets one through in a longer window, which
 * is right on average, but several regions' turns may fall into one window.
 */
public final class RegionalShare {
    private RegionalShare() {}

    /** This region's share of a limit. */
    public static Limit of(Limit limit, Regions regions) {
        int part = regions.part(limit.capacity());
        int share = regions.ownShare();
        return switch (limit) {
            case Limit.StrictWindow(int capacity, Duration window) ->
                part > 0
                        ? new Limit.StrictWindow(part, window)
                        : new Limit.StrictWindow(1, stretched(window, (long) capacity * share));
            case Limit.Gcra(int capacity, Duration interval) ->
                new Limit.Gcra(Math.max(1, part), stretched(interval, share));
        };
    }

    /**
     * This region's share of a bot's limits.
     *
     * @param chats whether chats, groups and users are served from several regions; if not, only what holds for the whole bot is divided
     */
    public static TelegramLimits of(TelegramLimits limits, Regions regions, boolean chats) {
        return new TelegramLimits(
                of(limits.bot(), regions),
                of(limits.paid(), regions),
                chats ? of(limits.chat(), regions) : limits.chat(),
                chats ? of(limits.group(), regions) : limits.group(),
                chats ? limits.user().map(user -> of(user, regions)) : limits.user(),
                limits.replies().map(replies -> of(replies, regions)),
                limits.shadow());
    }

    /** As much longer as the region's part is of a whole, rounded up, and no longer than a limit may be. */
    private static Duration stretched(Duration span, long tenThousandths) {
        Duration stretched =
                span.multipliedBy(Regions.WHOLE).plusNanos(tenThousandths - 1).dividedBy(tenThousandths);
        return stretched.compareTo(Limit.LONGEST_SPAN) < 0 ? stretched : Limit.LONGEST_SPAN;
    }
}
