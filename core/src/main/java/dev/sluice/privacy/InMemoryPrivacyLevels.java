package dev.sluice.privacy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** In a set. Forgets nobody, so it refuses who is too many. */
final class InMemoryPrivacyLevels implements StoredLevels {
    static final int MOST = 1_000_000;

    private final int most;
    private final LongSupplier microClock;

    // Both guarded by this.
    private final Set<Long> none = new HashSet<>();
    private final Map<Long, Long> owed = new HashMap<>();

    InMemoryPrivacyLevels(int most, LongSupplier microClock) {
        this.most = most;
        this.microClock = microClock;
    }

    @Override
    public synchronized PrivacyLevel find(long user) {
        PrivacyLevels.requireUser(user);
        return none.contains(user) ? PrivacyLevel.NONE : PrivacyLevel.FULL;
    }

    @Override
    public synchronized boolean set(long user, PrivacyLevel level) {
        PrivacyLevels.requireUser(user);
        if (level == PrivacyLevel.FULL) {
            owed.remove(user);
            return none.remove(user);
        }
        if (none.size() >= most && !none.contains(user)) {
            throw RedisPrivacyLevels.tooMany(most);
        }
        owed.put(user, microClock.getAsLong() + RedisPrivacyLevels.micros(RedisPrivacyLevels.PURGE_AGAIN));
        return none.add(user);
    }

    @Override
    public synchronized boolean purgesDue() {
        long now = microClock.getAsLong();
        return owed.values().stream().anyMatch(due -> due <= now);
    }

    @Override
    public synchronized List<Owed> takePurges() {
        long now = microClock.getAsLong();
        long till = now + RedisPrivacyLevels.micros(RedisPrivacyLevels.PURGE_LEASE);
        List<Long> users = owed.entrySet().stream()
                .filter(entry -> entry.getValue() <= now)
                .map(Map.Entry::getKey)
                .limit(RedisPrivacyLevels.MOST_PURGES)
                .toList();
        users.forEach(user -> owed.put(user, till));
        return users.stream().map(user -> new Owed(user, till)).toList();
    }

    @Override
    public synchronized void purged(Owed done) {
        owed.remove(done.user(), done.lease());
    }
}
