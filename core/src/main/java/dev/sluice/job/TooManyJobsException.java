package dev.sluice.job;

import dev.sluice.SluiceException;

/** So many jobs are kept that there is no room for another. Nothing was changed. */
public final class TooManyJobsException extends SluiceException {
    private static final long serialVersionUID = 1L;

    TooManyJobsException(int most) {
        super("there is no room for another job: " + most + " are kept");
    }
}
