package dev.sluice.server.cli;

import dev.sluice.SluiceException;

/** The server has none of what was asked for, or not any more. */
final class NotThereException extends SluiceException {
    private static final long serialVersionUID = 1L;

    NotThereException(String message) {
        super(message);
    }
}
