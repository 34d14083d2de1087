package dev.sluice.server.cli;

import dev.sluice.SluiceException;

/** A running server found what a command asked to be malformed: nothing was done, and the same again would be refused again. */
final class WronglyAskedException extends SluiceException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong, and what is accepted */
    WronglyAskedException(String message) {
        super(message);
    }
}
