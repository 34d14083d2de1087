package dev.sluice.state;

import dev.sluice.SluiceException;

/** What is stored was encrypted with a key that is not known here, or somebody changed it. Clearing it works. */
public final class UnreadableStateException extends SluiceException {
    private static final long serialVersionUID = 1L;

    UnreadableStateException() {
        super("what is stored was encrypted with a key that is not known here");
    }
}
