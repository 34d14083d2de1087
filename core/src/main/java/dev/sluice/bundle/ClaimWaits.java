package dev.sluice.bundle;

import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.telegram.BotId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Those of this process who wait for bundles, and who wakes them. Begins to listen when the first waits. Thread-safe. */
final class ClaimWaits implements AutoCloseable {
    private final Optional<BundleStore> shared;
    private final Map<BotId, Set<Wait>> waiting = new ConcurrentHashMap<>();
    private Optional<Subscription> subscription = Optional.empty();

    /** Somebody who waits. One thread waits; any may ring. */
    final class Wait implements AutoCloseable {
        private final BotId bot;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition rung = lock.newCondition();
        private boolean hasNews;

        private Wait(BotId bot) {
            this.bot = bot;
        }

        /** Says that it is worth looking. */
        void ring() {
            lock.lock();
            try {
                hasNews = true;
                rung.signal();
            } finally {
                lock.unlock();
            }
        }

        /** Waits so long, or until it is worth looking; news that came since the last wait counts. */
        void await(long nanos) throws InterruptedException {
            lock.lock();
            try {
                long left = nanos;
                while (!hasNews && left > 0) {
                    left = rung.awaitNanos(left);
                }
                hasNews = false;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            waiting.computeIfPresent(bot, (any, all) -> {
                all.remove(this);
                return all.isEmpty() ? null : all;
            });
        }
    }

    ClaimWaits(Optional<BundleStore> shared, BundleStore local) {
        this.shared = shared;
        local.listen(this::ring);
    }

    Wait enter(BotId bot) {
        listen();
        var entered = new Wait(bot);
        waiting.compute(bot, (any, all) -> {
            Set<Wait> others = all == null ? ConcurrentHashMap.newKeySet() : all;
            others.add(entered);
            return others;
        });
        return entered;
    }

    int size() {
        return waiting.values().stream().mapToInt(Set::size).sum();
    }

    /** Whether they hear of all that comes, as far as anybody can tell. */
    synchronized boolean isLive() {
        return shared.isEmpty() || subscription.filter(Subscription::isLive).isPresent();
    }

    private synchronized void listen() {
        if (subscription.isEmpty()) {
            subscription = shared.map(store -> store.listen(this::ring));
        }
    }

    /** Lets those look again who wait for this bot's. */
    void ring(BotId bot) {
        waiting.getOrDefault(bot, Set.of()).forEach(Wait::ring);
    }

    @Override
    public synchronized void close() {
        subscription.ifPresent(Subscription::close);
    }
}
