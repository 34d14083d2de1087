package dev.sluice.namedlimit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** The definitions that this process heard of last. Thread-safe. Bounded: beyond that, what was not heard of for longest is forgotten. */
final class KnownLimits {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, NamedLimit> known = new LinkedHashMap<>();

    void heard(NamedLimit limit) {
        lock.lock();
        try {
            known.remove(limit.name());
            known.put(limit.name(), limit);
            if (known.size() > NamedLimits.MOST_LIMITS) {
                known.remove(known.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    List<NamedLimit> all() {
        lock.lock();
        try {
            return List.copyOf(known.values());
        } finally {
            lock.unlock();
        }
    }

    /** These and no others. */
    void heardAll(List<NamedLimit> limits) {
        lock.lock();
        try {
            known.clear();
            limits.forEach(limit -> known.put(limit.name(), limit));
        } finally {
            lock.unlock();
        }
    }

    void forget(String name) {
        lock.lock();
        try {
            known.remove(name);
        } finally {
            lock.unlock();
        }
    }

    Optional<NamedLimit> find(String name) {
        lock.lock();
        try {
            return Optional.ofNullable(known.get(name));
        } finally {
            lock.unlock();
        }
    }
}
