package dev.sluice.budget;

import dev.sluice.redis.KeyPart;
import java.time.Duration;

/**
 * How many messages each user has.
 *
 * @param name tells budgets of the same user apart, 1-32 of {@code a-z 0-9 _ -}; stands in a key
 * @param limit how many pass within a window, 0 to {@link #MOST}
 * @param window from when until when they are counted
 * @param whitelist who is counted and passes all the same
 */
public record Budget(String name, long limit, Window window, Whitelist whitelist) {
    /** The highest limit, and the most that may be granted beside it. */
    public static final long MOST = 1_000_000_000L;

    public Budget {
        KeyPart.SCOPE.require("budget name", name);
        if (limit < 0 || limit > MOST) {
            throw new IllegalArgumentException("a budget's limit must be 0 to " + MOST + ", not " + limit);
        }
    }

    /** {@code limit} messages in the {@code length} after the first one, for everybody. */
    public static Budget of(String name, long limit, Duration length) {
        return new Budget(name, limit, new Window.FirstMessage(length), Whitelist.NOBODY);
    }

    public Budget withWindow(Window newWindow) {
        return new Budget(name, limit, newWindow, whitelist);
    }

    public Budget withWhitelist(Whitelist newWhitelist) {
        return new Budget(name, limit, window, newWhitelist);
    }
}
