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
    private final Map<Purge, Long> owed = new HashMap<>();

    /** @param which of those that one change owes, from 1 */
    private record Purge(int which, long user) {}

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
            owed.keySet().removeIf(purge -> purge.user() == user);
            return none.remove(user);
        }
        if (none.size() >= most && !none.contains(user)) {
            throw new TooManyLevelsException(most);
        }
        long now = microClock.getAsLong();
        for (int i = 0; i < RedisPrivacyLevels.PURGES.size(); i++) {
            owed.put(new Purge(i + 1, user), now + RedisPrivacyLevels.micros(RedisPrivacyLevels.PURGES.get(i)));
        }
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
        List<Purge> due = owed.entrySet().stream()
                .filter(entry -> entry.getValue() <= now)
                .map(Map.Entry::getKey)
                .limit(RedisPrivacyLevels.MOST_PURGES)
                .toList();
        due.forEach(purge -> owed.put(purge, till));
        return due.stream()
                .map(purge -> new Owed(purge.which(), purge.user(), till))
                .toList();
    }

    @Override
    public synchronized void purged(Owed done) {
        owed.remove(new Purge(done.which(), done.user()), done.lease());
    }
}
