package dev.sluice.server.callback;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many callbacks are under way to each host, so that a slow one does not hold up the others. Thread-safe. */
final class HostPlaces {
    /** A receiver that answers within 100 ms hears 80 a second from each process. */
    static final int PER_HOST = 8;

    private final ConcurrentMap<String, Integer> taken = new ConcurrentHashMap<>();

    /** @return whether there was a place */
    boolean take(String host) {
        boolean[] found = {false};
        taken.compute(host, (same, now) -> {
            int under = now == null ? 0 : now;
            found[0] = under < PER_HOST;
            return found[0] ? under + 1 : under;
        });
        return found[0];
    }

    void leave(String host) {
        taken.computeIfPresent(host, (same, now) -> now > 1 ? now - 1 : null);
    }
}
