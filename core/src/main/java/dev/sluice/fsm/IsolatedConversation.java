package dev.sluice.fsm;

import dev.sluice.lock.HeldLock;
import java.util.function.Function;

/** A conversation that nobody else is at, until it is closed or its lock is lost. Thread-safe. */
public final class IsolatedConversation implements AutoCloseable {
    private final FsmStorage storage;
    private final ConversationKey key;
    private final HeldLock lock;

    IsolatedConversation(FsmStorage storage, ConversationKey key, HeldLock lock) {
        this.storage = storage;
        this.key = key;
        this.lock = lock;
    }

    public ConversationKey key() {
        return key;
    }

    /** For what is written elsewhere. */
    public long fence() {
        return lock.fence();
    }

    /** Whether nobody else is at it, as far as this process can know. Asks nobody. */
    public boolean isHeld() {
        return lock.isHeld();
    }

    /** As {@link FsmStorage#find}. */
    public Conversation find() {
        return storage.find(key);
    }

    /** As {@link FsmStorage#write}, under the fence. */
    public FsmAnswer write(FsmWrite write) {
        return storage.write(key, write.underFence(fence()));
    }

    /** As {@link FsmStorage#update}, under the fence. */
    public FsmAnswer update(Function<Conversation, FsmWrite> change) {
        return storage.update(key, seen -> change.apply(seen).underFence(fence()));
    }

    /** Lets the next one in. */
    @Override
    public void close() {
        lock.close();
    }
}
