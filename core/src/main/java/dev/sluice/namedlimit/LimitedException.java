package dev.sluice.namedlimit;

import dev.sluice.SluiceException;
import java.time.Duration;

/** A call was not made, since its limit denied it for as long as it would wait. */
public final class LimitedException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final Duration retryAfter;

    LimitedException(Passage.Denied denial) {
        super("limit '" + denial.limit().name() + "' lets nothing more pass for " + denial.retryAfter());
        this.name = denial.limit().name();
        this.retryAfter = denial.retryAfter();
    }

    /** The limit's name. */
    public String name() {
        return name;
    }

    /** When it is worth trying again. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
