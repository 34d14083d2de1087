package dev.sluice.broadcast;

import java.time.Duration;

/**
 * How broadcasts work.
 *
 * @param window how many messages of one broadcast are in the queue at most, 1 to 5000
 * @param paidWindow the same for one in the paid lane
 * @param most how many unfinished ones a bot may have
 * @param keep how long a broadcast that has ended is remembered, with its recipients and what became of them
 * @param suppressed how long a chat that cannot be reached any more is skipped by later broadcasts
 * @param draft how long an upload may pause before it is forgotten
 * @param refusals how many of its messages in a row Telegram refuses, none being sent in between, until a broadcast pauses itself; 1 or
 *     more
 */
public record BroadcastSettings(
        int window, int paidWindow, int most, Duration keep, Duration suppressed, Duration draft, int refusals) {
    /** Ten seconds at thirty a second: a cancel finds little to take back, and several take turns often. */
    public static final int DEFAULT_WINDOW = 300;

    /** Two seconds at a thousand a second. */
    public static final int DEFAULT_PAID_WINDOW = 2000;

    /** Each costs every worker a question a second. */
    public static final int DEFAULT_MOST = 100;

    /** A day in which results may be asked for. */
    public static final Duration DEFAULT_KEEP = Duration.ofHours(24);

    /** Long enough to spare the limit, short enough that who comes back hears of the bot again. */
    public static final Duration DEFAULT_SUPPRESSED = Duration.ofDays(7);

    public static final Duration DEFAULT_DRAFT = Duration.ofMinutes(10);

    /** Few dead letters for a template that is wrong; and so many single recipients in a row are hardly wrong each for itself. */
    public static final int DEFAULT_REFUSALS = 100;

    public static final BroadcastSettings DEFAULT = new BroadcastSettings(
            DEFAULT_WINDOW,
            DEFAULT_PAID_WINDOW,
            DEFAULT_MOST,
            DEFAULT_KEEP,
            DEFAULT_SUPPRESSED,
            DEFAULT_DRAFT,
            DEFAULT_REFUSALS);

    private static final int LARGEST_WINDOW = 5000;

    public BroadcastSettings {
        requireWindow(window);
        requireWindow(paidWindow);
        if (most < 1) {
            throw new IllegalArgumentException("a bot must be allowed 1 broadcast at least, not " + most);
        }
        if (refusals < 1) {
            throw new IllegalArgumentException("a broadcast pauses itself after 1 refusal or more, not " + refusals);
        }
        requirePositive("what has ended is kept", keep);
        requirePositive("chats are suppressed", suppressed);
        requirePositive("drafts are kept", draft);
    }

    private static void requireWindow(int window) {
        if (window < 1 || window > LARGEST_WINDOW) {
            throw new IllegalArgumentException("a window is 1 to " + LARGEST_WINDOW + ", not " + window);
        }
    }

    private static void requirePositive(String what, Duration duration) {
        if (!duration.isPositive() || duration.compareTo(Duration.ofDays(366)) > 0) {
            throw new IllegalArgumentException(what + " for more than zero, up to 366 days, not " + duration);
        }
    }

    public BroadcastSettings withWindow(int newWindow) {
        return new BroadcastSettings(newWindow, newWindow, most, keep, suppressed, draft, refusals);
    }

    public BroadcastSettings withMost(int newMost) {
        return new BroadcastSettings(window, paidWindow, newMost, keep, suppressed, draft, refusals);
    }

    public BroadcastSettings withKeep(Duration newKeep) {
        return new BroadcastSettings(window, paidWindow, most, newKeep, suppressed, draft, refusals);
    }

    public BroadcastSettings withSuppressed(Duration newSuppressed) {
        return new BroadcastSettings(window, paidWindow, most, keep, newSuppressed, draft, refusals);
    }

    public BroadcastSettings withRefusals(int newRefusals) {
        return new BroadcastSettings(window, paidWindow, most, keep, suppressed, draft, newRefusals);
    }

    /** How many messages of a broadcast are in the queue at most. */
    int windowOf(NewBroadcast broadcast) {
        return broadcast.paid() ? paidWindow : window;
    }
}
