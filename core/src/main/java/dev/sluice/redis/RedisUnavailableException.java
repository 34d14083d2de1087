package dev.sluice.redis;

import dev.sluice.SluiceException;

/** Redis did not answer in time, is not reachable, or refuses to work (loading, out of memory, read-only). */
public final class RedisUnavailableException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final boolean mayHaveRun;

    /**
     * @param mayHaveRun whether the command had been written, so that it may have taken effect
     */
    public RedisUnavailableException(String message, boolean mayHaveRun, Throwable cause) {
        super(message, cause);
        this.mayHaveRun = mayHaveRun;
    }

    /** Whether the command may have taken effect although no reply came. */
    public boolean mayHaveRun() {
        return mayHaveRun;
    }
}
