package dev.sluice.cache;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Those of this process who wait for what others load, by key: one at a time looks, so that not all ask Redis. Thread-safe. */
final class Waiting {
    private final Map<CacheKey, Place> places = new ConcurrentHashMap<>();

    /** Where those wait who want one key. */
    static final class Place {
        private final Semaphore turn = new Semaphore(1, true);
        private final Semaphore news = new Semaphore(0);
        private int people;

        private Place() {}

        /** @return false if it did not come in time */
        boolean awaitTurn(long nanos) throws InterruptedException {
            return turn.tryAcquire(nanos, TimeUnit.NANOSECONDS);
        }

        void endTurn() {
            turn.release();
        }

        /** Waits until anything is heard of the key. */
        void awaitNews(long nanos) throws InterruptedException {
            if (news.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                news.drainPermits();
            }
        }
    }

    /** To be left by {@link #leave}. */
    Place enter(CacheKey key) {
        return places.compute(key, (same, there) -> {
            Place place = there == null ? new Place() : there;
            place.people++;
            return place;
        });
    }

    void leave(CacheKey key) {
        places.computeIfPresent(key, (same, place) -> --place.people == 0 ? null : place);
    }

    /** The value was written or forgotten, or a load has ended. */
    void heard(CacheKey key) {
        Place place = places.get(key);
        if (place != null) {
            place.news.release();
        }
    }

    void heardAll() {
        places.values().forEach(place -> place.news.release());
    }
}
