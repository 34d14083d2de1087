package dev.sluice.server.embedded;

import dev.sluice.SluiceException;

/** A child process could not be started; the message says why and what to do, in one line. */
public final class EmbeddedServerException extends SluiceException {
    private static final long serialVersionUID = 1L;

    EmbeddedServerException(String message) {
        super(message);
    }

    EmbeddedServerException(String message, Throwable cause) {
        super(message, cause);
    }
}
