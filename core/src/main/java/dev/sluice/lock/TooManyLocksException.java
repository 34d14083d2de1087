package dev.sluice.lock;

import dev.sluice.SluiceException;

/** So many locks are held in this process' memory that there is no room for another. Nothing was changed. */
public final class TooManyLocksException extends SluiceException {
    private static final long serialVersionUID = 1L;

    TooManyLocksException(int most) {
        super("there is no room for another lock: " + most + " are held in memory");
    }
}
