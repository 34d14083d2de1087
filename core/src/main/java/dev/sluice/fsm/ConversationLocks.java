package dev.sluice.fsm;

import dev.sluice.lock.LockAnswer;
import dev.sluice.lock.LockRequest;
import dev.sluice.lock.Locks;
import java.time.Duration;

/**
 * One handler at a time for each conversation, over all processes: what bot frameworks call event isolation. Thread-safe; blocks its (virtual)
 * thread.
 *
 * <p>The lock is renewed for as long as it is held and the process lives. From when a handler is let in, writes of those before it are refused,
 * however late they come: its fence is told to the conversation at once, and each of its writes carries it.
 */
public final class ConversationLocks {
    private final FsmStorage storage;
    private final Locks locks;

    /** @param locks stay open; on the same store as {@code storage}, or one that lives as long */
    public ConversationLocks(FsmStorage storage, Locks locks) {
        this.storage = storage;
        this.locks = locks;
    }

    /** What became of the wait. */
    public sealed interface Entry {
        /** The conversation is the caller's, who closes it. */
        record Entered(IsolatedConversation conversation) implements Entry {}

        /** @param remaining of the lease of whoever is at it, who may renew it; zero: the lock was lost to another before it could be told */
        record Busy(Duration remaining) implements Entry {}
    }

    /**
     * Waits until nobody else is at a conversation, behind those who came before.
     *
     * @param maxWait zero to {@link dev.sluice.lock.Leases#LONGEST_WAIT}
     * @throws dev.sluice.redis.RedisUnavailableException if Redis does not answer at the end of the wait; nothing is held then
     * @throws InterruptedException if the thread is interrupted; nothing is held then
     */
    public Entry enter(ConversationKey key, Duration maxWait) throws InterruptedException {
        return switch (locks.acquire(LockRequest.of(key.lockName()), maxWait)) {
            case LockAnswer.Busy(Duration remaining, int ahead) -> new Entry.Busy(remaining);
            case LockAnswer.Acquired(var lock) -> {
                FsmAnswer told;
                try {
                    told = storage.write(key, FsmWrite.NOTHING.underFence(lock.fence()));
                } catch (RuntimeException | Error e) {
                    lock.close();
                    throw e;
                }
                if (told instanceof FsmAnswer.Overtaken) {
                    lock.close();
                    yield new Entry.Busy(Duration.ZERO);
                }
                yield new Entry.Entered(new IsolatedConversation(storage, key, lock));
            }
        };
    }
}
