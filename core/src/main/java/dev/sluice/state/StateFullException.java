package dev.sluice.state;

import dev.sluice.SluiceException;

/** There is no room for more in this process' memory: what is there is never dropped for it before its time. */
public final class StateFullException extends SluiceException {
    private static final long serialVersionUID = 1L;

    StateFullException(int most, long mostBytes) {
        super("memory holds as much as it may, " + most + " of a kind and " + mostBytes + " bytes");
    }
}
