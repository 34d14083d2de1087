package dev.sluice.namedlimit;

import dev.sluice.SluiceException;

/** As many limits are defined as there may be; nothing was changed. */
public final class TooManyLimitsException extends SluiceException {
    private static final long serialVersionUID = 1L;

    TooManyLimitsException() {
        super("there may be " + NamedLimits.MOST_LIMITS + " named limits: remove one first");
    }
}
