package dev.sluice.history;

import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was appended while Redis did not answer: appended as soon as it does, and before it is asked for any of those chats. Redis may have
 * taken some of it; it is known by its ids. A process that ends before takes it along. Thread-safe.
 */
final class OwedAppends implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OwedAppends.class);
    private static final long BETWEEN_TRIES_MILLIS = 200;

    private final long most;
    private final BiConsumer<HistoryKey, List<Ready>> write;
    private final HistoryEvents events;
    private final Map<HistoryKey, List<Ready>> owed = new LinkedHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private long bytes;
    private boolean trying;
    private boolean dropping;

    /**
     * @param most bytes
     * @param write throws if it is not written
     */
    OwedAppends(long most, BiConsumer<HistoryKey, List<Ready>> write, HistoryEvents events) {
        this.most = most;
        this.write = write;
        this.events = events;
    }

    /** @return whether there was room */
    synchronized boolean add(HistoryKey key, List<Ready> entries) {
        long more = entries.stream().mapToLong(Ready::bytes).sum();
        if (bytes + more > most) {
            events.dropped(entries.size());
            if (!dropping) {
                dropping = true;
                log.warn("histories: not all that is said while Redis is away is kept here, since it is too much");
            }
            return false;
        }
        owed.computeIfAbsent(key, same -> new ArrayList<>()).addAll(entries);
        bytes += more;
        if (!trying && closed.getCount() > 0) {
            trying = true;
            Thread.ofVirtual().name("sluice-history-owed").start(this::tryUntilNothingIsOwed);
        }
        return true;
    }

    private void putBack(HistoryKey key, List<Ready> stay) {
        if (!stay.isEmpty()) {
            owed.put(key, new ArrayList<>(stay));
            bytes += stay.stream().mapToLong(Ready::bytes).sum();
        }
    }

    synchronized List<Ready> of(HistoryKey key) {
        return List.copyOf(owed.getOrDefault(key, List.of()));
    }

    synchronized int chats() {
        return owed.size();
    }

    /**
     * Appends what is owed of this chat, and throws if that fails. Until it is done it stays, for those who read meanwhile; who settles at the
     * same time does the same again, which does no harm. What is forgotten meanwhile is not appended, but for the page that is being written.
     */
    void settle(HistoryKey key) {
        int left = of(key).size();
        while (left > 0) {
            List<Ready> some = first(key, Math.min(left, Histories.MOST_AT_ONCE));
            if (some.isEmpty()) {
                return;
            }
            write.accept(key, some);
            drop(key, some);
            left -= some.size();
        }
    }

    private synchronized List<Ready> first(HistoryKey key, int most) {
        return owed.getOrDefault(key, List.of()).stream().limit(most).toList();
    }

    private synchronized void drop(HistoryKey key, List<Ready> written) {
        Set<Ready> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        gone.addAll(written);
        List<Ready> stay = new ArrayList<>(take(key));
        stay.removeIf(gone::contains);
        putBack(key, stay);
    }

    synchronized int clear(HistoryKey key) {
        return take(key).size();
    }

    /** @return how many entries */
    synchronized int forget(Set<Long> users) {
        int forgotten = 0;
        for (HistoryKey key : List.copyOf(owed.keySet())) {
            List<Ready> entries = take(key);
            List<Ready> stay = entries.stream()
                    .filter(entry -> !users.contains(entry.user()))
                    .toList();
            forgotten += entries.size() - stay.size();
            putBack(key, stay);
        }
        return forgotten;
    }

    /** @return how many entries */
    synchronized int clear() {
        int cleared = owed.values().stream().mapToInt(List::size).sum();
        owed.clear();
        bytes = 0;
        return cleared;
    }

    private synchronized List<Ready> take(HistoryKey key) {
        List<Ready> entries = owed.remove(key);
        if (entries == null) {
            return List.of();
        }
        bytes -= entries.stream().mapToLong(Ready::bytes).sum();
        return entries;
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void tryUntilNothingIsOwed() {
        try {
            while (!closed.await(BETWEEN_TRIES_MILLIS, TimeUnit.MILLISECONDS)) {
                settleAll();
                synchronized (this) {
                    if (owed.isEmpty()) {
                        trying = false;
                        dropping = false;
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void settleAll() {
        List<HistoryKey> keys;
        synchronized (this) {
            keys = List.copyOf(owed.keySet());
        }
        for (HistoryKey key : keys) {
            try {
                settle(key);
            } catch (RedisUnavailableException e) {
                return;
            } catch (RedisScriptException | HistoryStoreException e) {
                // This one later, then.
            }
        }
    }
}
