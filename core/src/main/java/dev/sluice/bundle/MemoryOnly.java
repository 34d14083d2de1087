package dev.sluice.bundle;

/** Whose messages must not leave this process' memory, not even encrypted. Thread-safe; must not block for long. */
@FunctionalInterface
public interface MemoryOnly {
    MemoryOnly NOBODY = conversation -> false;

    /**
     * Asked before each message is written; if it throws, the message is refused with that.
     *
     * @throws dev.sluice.redis.RedisUnavailableException if nobody can tell: the message is taken as if Redis did not answer
     */
    boolean includes(Conversation conversation);
}
