package dev.sluice.namedlimit;

import dev.sluice.SluiceException;

/** What was asked for weighs more than the limit ever lets pass at once: waiting would be in vain. Nothing was charged. */
public final class TooHeavyException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final int weight;
    private final int most;

    TooHeavyException(NamedLimit limit, int weight) {
        super("a weight of " + weight + " never passes limit '" + limit.name() + "', which lets "
                + limit.limit().capacity() + " pass at once");
        this.weight = weight;
        this.most = limit.limit().capacity();
    }

    public int weight() {
        return weight;
    }

    /** The most that passes at once. */
    public int most() {
        return most;
    }
}
