package dev.sluice.server.assembly;

import dev.sluice.SluiceException;

/** The program cannot start; the message says why and what to change, in one line. */
public final class StartException extends SluiceException {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
