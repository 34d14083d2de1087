package dev.sluice.namedlimit;

import dev.sluice.SluiceException;

/** No limit of that name is defined: never was, or was removed. */
public final class UnknownLimitException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final String name;

    public UnknownLimitException(String name) {
        super("no limit is called '" + name + "': define it first");
        this.name = name;
    }

    /** The name that was asked for. */
    public String name() {
        return name;
    }
}
