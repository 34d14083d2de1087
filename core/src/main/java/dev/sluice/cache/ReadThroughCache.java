package dev.sluice.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache of {@link CacheMode#REDIS} and {@link CacheMode#LOCAL}. See the package's description for how a read goes, and why nobody
 * who comes after an invalidation gets what was loaded before it.
 */
final class ReadThroughCache<V> implements Cache<V> {
    private static final Logger log = LoggerFactory.getLogger(ReadThroughCache.class);

    private final CacheSettings settings;
    private final Levels<V> levels;
    private final CacheCounters counters;
    private final Map<CacheKey, Flight<V>> flights = new ConcurrentHashMap<>();
    private final Set<CacheKey> renewed = ConcurrentHashMap.newKeySet();
    private final Waiting waiting = new Waiting();

    ReadThroughCache(CacheSettings settings, Levels<V> levels, CacheCounters counters) {
        this.settings = settings;
        this.levels = levels;
        this.counters = counters;
    }

    @Override
    public Optional<V> get(CacheKey key, Loader<V> loader) throws InterruptedException {
        long now = levels.now();
        LocalLevel.Copy<V> copy = levels.copy(key, now);
        if (copy != null) {
            return copied(key, copy, now, loader);
        }
        var fresh = new Flight<>(key, loader, settings, levels, counters, () -> {});
        return awaited(key, fresh, join(key, fresh));
    }

    @Override
    public Map<CacheKey, V> getAll(Collection<CacheKey> keys, BulkLoader<V> loader) throws InterruptedException {
        Map<CacheKey, Optional<V>> found = new LinkedHashMap<>();
        var missing = new ArrayList<CacheKey>();
        for (CacheKey key : new LinkedHashSet<>(keys)) {
            long now = levels.now();
            LocalLevel.Copy<V> copy = levels.copy(key, now);
            if (copy == null) {
                missing.add(key);
            }
            found.put(
                    key,
                    copy == null
                            ? Optional.empty()
                            : copied(
                                    key,
                                    copy,
                                    now,
                                    () -> Optional.ofNullable(
                                            loader.load(List.of(key)).get(key))));
        }
        var batch = new Batch<>(loader, missing);
        // All are there before any sets off, so that none is decided about without the others.
        List<Flight<V>> own = missing.stream()
                .map(key ->
                        new Flight<>(key, () -> batch.load(key), settings, levels, counters, () -> batch.decided(key)))
                .toList();
        var joined = new ArrayList<Flight<V>>();
        for (int i = 0; i < own.size(); i++) {
            joined.add(join(missing.get(i), own.get(i)));
            if (joined.get(i) != own.get(i)) {
                batch.decided(missing.get(i));
            }
        }
        for (int i = 0; i < own.size(); i++) {
            found.put(missing.get(i), awaited(missing.get(i), own.get(i), joined.get(i)));
        }
        var values = new LinkedHashMap<CacheKey, V>();
        found.forEach((key, value) -> value.ifPresent(there -> values.put(key, there)));
        return values;
    }

    @Override
    public boolean put(CacheKey key, V value) {
        RedisLevel.Kept kept;
        try {
            kept = levels.kept(Optional.of(value), Duration.ZERO);
        } catch (RuntimeException e) {
            // It was written where it really is, so what is kept is old.
            invalidate(key);
            throw e;
        }
        return written(key, () -> levels.put(key, kept), () -> {
            if (!levels.isShared()) {
                levels.keep(key, levels.stamp(key), kept, Optional.of(value), true);
            }
        });
    }

    @Override
    public boolean invalidate(CacheKey key) {
        return written(key, () -> levels.forget(key), () -> {});
    }

    @Override
    public void forgetHere(CacheKey key) {
        changed(key);
    }

    @Override
    public void forgetHere(Predicate<CacheKey> which) {
        Stream.of(levels.copied(), flights.keySet(), renewed)
                .flatMap(Set::stream)
                .filter(which)
                .distinct()
                .toList()
                .forEach(this::changed);
    }

    @Override
    public void forgetAllHere() {
        levels.moveAllOn();
        changedAll();
    }

    @Override
    public CacheSettings settings() {
        return settings;
    }

    @Override
    public CacheStatistics statistics() {
        return counters.now(levels.size());
    }

    /** Somebody wrote or forgot a value, or it was dropped: what is older counts no more, and who loads it is shared no more. */
    void changed(CacheKey key) {
        levels.moveOn(key);
        Flight<V> flight = flights.get(key);
        if (flight != null) {
            if (flight.mayBringOld()) {
                flights.remove(key, flight);
            }
            flight.heard();
        }
        waiting.heard(key);
    }

    /** Any value may have changed. */
    void changedAll() {
        levels.clear();
        flights.values().forEach(Flight::heard);
        flights.values().removeIf(Flight::mayBringOld);
        waiting.heardAll();
    }

    /** A load has ended. */
    void filled(CacheKey key) {
        Flight<V> flight = flights.get(key);
        if (flight != null) {
            flight.heard();
        }
        waiting.heard(key);
    }

    /** Those who wait for loads of callers. */
    Waiting waiting() {
        return waiting;
    }

    /** How many keys Redis is not told of. */
    int owedNews() {
        return levels.owedNews();
    }

    void close() {
        levels.close();
    }

    private interface Telling {
        boolean tell();
    }

    /**
     * Forgets before and after Redis is told. Before, so that it is done even if telling takes long; after, because somebody may
     * have read the old value from Redis in between.
     */
    private boolean written(CacheKey key, Telling redis, Runnable last) {
        counters.invalidations.increment();
        changed(key);
        boolean told = redis.tell();
        changed(key);
        last.run();
        return told;
    }

    private Optional<V> copied(CacheKey key, LocalLevel.Copy<V> copy, long now, Loader<V> loader) {
        var source = copy.standsIn() ? Answer.Source.STALE : Answer.Source.LOCAL;
        counters.answered(source, copy.value().isPresent());
        if (log.isDebugEnabled()) {
            say(key, new Answer<>(copy.value(), source));
        }
        OptionalDouble ahead = levels.due(copy, now);
        if (ahead.isPresent() && renewed.add(key)) {
            new Flight<>(key, loader, settings, levels, counters, () -> {})
                    .startUnseen(ahead.getAsDouble(), () -> renewed.remove(key));
        }
        return copy.value();
    }

    /** Joins whoever is under way, or sets off. */
    private Flight<V> join(CacheKey key, Flight<V> fresh) {
        Flight<V> present = flights.putIfAbsent(key, fresh);
        if (present != null) {
            return present;
        }
        fresh.start(() -> flights.remove(key, fresh));
        return fresh;
    }

    /**
     * What a flight brings, within the time that {@code fresh} has, which is this reader's own.
     *
     * @param joined another's, or {@code fresh} itself if it has set off
     */
    private Optional<V> awaited(CacheKey key, Flight<V> fresh, Flight<V> joined) throws InterruptedException {
        boolean waited = joined != fresh;
        Flight<V> flight = joined;
        try {
            while (true) {
                try {
                    Answer<V> answer = flight.awaitFor(fresh);
                    counters.answered(answer.source(), answer.value().isPresent());
                    if (log.isDebugEnabled()) {
                        say(key, answer);
                    }
                    return answer.value();
                } catch (LoadFailedException e) {
                    // One that was joined may have run out of its own time, and not of this reader's.
                    if (flight == fresh || !e.late() || !fresh.hasTime()) {
                        counters.errors.increment();
                        throw e;
                    }
                    flight = join(key, fresh);
                }
            }
        } finally {
            if (waited || flight.waited()) {
                counters.waited.increment();
            }
        }
    }

    /** Logs what became of a read. */
    void say(CacheKey key, Answer<V> answer) {
        String what = switch (answer.source()) {
            case LOCAL -> "hit, local";
            case REDIS -> "hit";
            case LOADED -> "miss";
            case STALE -> "stale";
        };
        say(key, answer.value().isPresent() ? what : what + ", none");
    }

    void say(CacheKey key, String what) {
        if (log.isDebugEnabled()) {
            log.debug("cache {} {}: {}", settings.name(), key.hashed(settings.name()), what);
        }
    }
}
