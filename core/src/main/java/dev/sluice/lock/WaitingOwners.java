package dev.sluice.lock;

import dev.sluice.redis.Announcements.Subscription;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Those of this process who wait, and who tells them. Begins to listen when the first waits. Thread-safe. */
final class WaitingOwners implements AutoCloseable {
    private final LockStore store;
    private final Map<String, WaitingOwner> waiting = new ConcurrentHashMap<>();
    private Optional<Subscription> subscription = Optional.empty();

    WaitingOwners(LockStore store) {
        this.store = store;
    }

    WaitingOwner enter(LockOwner owner) {
        var entered = new WaitingOwner();
        waiting.put(owner.id(), entered);
        listen();
        return entered;
    }

    /** @param entered what {@link #enter} answered: the same owner may have asked again meanwhile */
    void leave(LockOwner owner, WaitingOwner entered) {
        waiting.remove(owner.id(), entered);
    }

    int size() {
        return waiting.size();
    }

    /** Whether they are told when a lock is free, as far as anybody can tell. */
    synchronized boolean isLive() {
        return subscription.filter(Subscription::isLive).isPresent();
    }

    private synchronized void listen() {
        if (subscription.isEmpty()) {
            subscription = Optional.of(store.listen(this::heard));
        }
    }

    private void heard(String next) {
        String[] ids = next.split(" ", Line.TOLD + 1);
        for (int i = 0; i < Math.min(ids.length, Line.TOLD); i++) {
            WaitingOwner owner = waiting.get(ids[i]);
            if (owner != null) {
                owner.lookIn(i * Line.TURN.toNanos());
            }
        }
    }

    @Override
    public synchronized void close() {
        subscription.ifPresent(Subscription::close);
    }
}
