package dev.sluice.state;

import dev.sluice.SluiceException;

/** Others changed it each time between the look and the write; nothing was changed. */
public final class ContendedException extends SluiceException {
    private static final long serialVersionUID = 1L;

    public ContendedException(int attempts) {
        super("others changed it first, " + attempts + " times in a row");
    }
}
