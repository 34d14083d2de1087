package dev.sluice.privacy;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
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

    private record Purge(Debt which, long user) {}

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
            owed.keySet()
                    .removeIf(purge -> purge.user() == user && purge.which().isOfLevel());
            return none.remove(user);
        }
        if (none.size() >= most && !none.contains(user)) {
            throw new TooManyLevelsException(most);
        }
        long now = microClock.getAsLong();
        for (int i = 0; i < RedisPrivacyLevels.PURGES.size(); i++) {
            owed.put(
                    new Purge(Debt.ofLevel(i + 1), user),
                    now + RedisPrivacyLevels.micros(RedisPrivacyLevels.PURGES.get(i)));
        }
        return none.add(user);
    }

    /** There are no others. */
    @Override
    public synchronized Owed tellToForget(long user, Collection<String> families) {
        PrivacyLevels.requireUser(user);
        for (String family : families) {
            owed.remove(new Purge(Debt.FORGETTING.ofFamily(family), user));
            owed.remove(new Purge(Debt.AGAIN.ofFamily(family), user));
        }
        owed.put(new Purge(Debt.AGAIN, user), microClock.getAsLong() + RedisPrivacyLevels.micros(AGAIN));
        return leased(new Purge(Debt.FORGETTING, user));
    }

    @Override
    public void tellToForgetCopies(long user) {
        PrivacyLevels.requireUser(user);
    }

    @Override
    public synchronized boolean purgesDue() {
        long now = microClock.getAsLong();
        return owed.values().stream().anyMatch(due -> due <= now);
    }

    @Override
    public synchronized Optional<Owed> takePurge() {
        long now = microClock.getAsLong();
        return owed.entrySet().stream()
                .filter(entry -> entry.getValue() <= now)
                .map(Map.Entry::getKey)
                .findFirst()
                .map(this::leased);
    }

    @Override
    public synchronized Optional<Owed> renew(Owed taken) {
        var purge = new Purge(taken.which(), taken.user());
        return Optional.ofNullable(owed.get(purge))
                .filter(lease -> lease == taken.lease())
                .map(lease -> leased(purge));
    }

    private Owed leased(Purge purge) {
        long till = microClock.getAsLong() + RedisPrivacyLevels.micros(PURGE_LEASE);
        owed.put(purge, till);
        return new Owed(purge.which(), purge.user(), till);
    }

    @Override
    public synchronized void purged(Owed done) {
        owed.remove(new Purge(done.which(), done.user()), done.lease());
    }

    @Override
    public synchronized void failed(Owed tried, Collection<String> families) {
        if (owed.remove(new Purge(tried.which(), tried.user()), tried.lease())) {
            families.forEach(family -> leased(new Purge(tried.which().ofFamily(family), tried.user())));
        }
    }
}
