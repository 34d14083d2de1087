package dev.sluice.redis;

import dev.sluice.SluiceException;
import org.jspecify.annotations.Nullable;

/** Redis did not answer in time, is not reachable, or refuses to work (loading, out of memory, read-only). */
public final class RedisUnavailableException extends SluiceException {
    private static final long serialVersionUID = 1L;

    /** Why there is no answer; metrics count by it. */
    public enum Reason {
        /** The deadline passed. */
        NO_REPLY,
        /** The connection broke while the command was under way. */
        CONNECTION_LOST,
        /** There is no connection; nothing was sent. */
        NOT_CONNECTED,
        /** The breaker is open; nothing was sent. */
        BREAKER_OPEN,
        /** Too many commands are under way already; nothing was sent. */
        OVERLOADED,
        /** Redis answered that its memory is full; the script changed nothing. */
        OUT_OF_MEMORY,
        /** Redis answered that it is a replica, which it became by a failover; the script changed nothing. */
        READ_ONLY,
        /** Redis answered that it cannot work now (loading, no quorum, disk full); the script changed nothing. */
        REFUSED,
        /** The keys' slot of a Cluster was on the move until the deadline; the script changed nothing. */
        MOVING,
        /** The waiting thread was interrupted; its interrupt flag is set again. */
        INTERRUPTED
    }

    private final Reason reason;
    private final boolean mayHaveRun;

    /**
     * As the other constructor, for a broken connection or none.
     *
     * @param mayHaveRun whether the command had been written, so that it may have taken effect
     */
    public RedisUnavailableException(String message, boolean mayHaveRun, @Nullable Throwable cause) {
        this(mayHaveRun ? Reason.CONNECTION_LOST : Reason.NOT_CONNECTED, message, mayHaveRun, cause);
    }

    /**
     * @param mayHaveRun whether the command had been written, so that it may have taken effect
     */
    public RedisUnavailableException(Reason reason, String message, boolean mayHaveRun, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
        this.reason = reason;
        this.mayHaveRun = mayHaveRun;
    }

    public Reason reason() {
        return reason;
    }

    /** Whether Redis answered that it takes no writes now, so that an answer to a mere look does not mean that it is back. */
    public boolean isRefusal() {
        return switch (reason) {
            case OUT_OF_MEMORY, READ_ONLY, REFUSED -> true;
            case NO_REPLY, CONNECTION_LOST, NOT_CONNECTED, BREAKER_OPEN, OVERLOADED, MOVING, INTERRUPTED -> false;
        };
    }

    /** Whether the command may have taken effect although no reply came. */
    public boolean mayHaveRun() {
        return mayHaveRun;
    }
}
