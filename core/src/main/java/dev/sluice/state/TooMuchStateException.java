package dev.sluice.state;

import dev.sluice.SluiceException;

/** What was to be stored has no room beside what is there; nothing was changed. Immutable. */
public final class TooMuchStateException extends SluiceException {
    private static final long serialVersionUID = 1L;

    /** @param accepted completes "there may be ..." */
    public TooMuchStateException(String accepted, String would) {
        super("there may be " + accepted + "; with this write there would be " + would);
    }
}
