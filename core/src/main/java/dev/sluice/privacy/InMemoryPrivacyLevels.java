package dev.sluice.privacy;

import dev.sluice.privacy.InMemoryDebts.UserDebt;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** In a set. Forgets nobody, so it refuses who is too many. */
final class InMemoryPrivacyLevels implements StoredLevels {
    static final int MOST = 1_000_000;

    private final int most;
    private final int mostOwed;
    private final LongSupplier microClock;

    // Both guarded by this.
    private final Set<Long> none = new HashSet<>();
    private final InMemoryDebts debts = new InMemoryDebts();

    InMemoryPrivacyLevels(int most, LongSupplier microClock) {
        this(most, MOST_OWED, microClock);
    }

    InMemoryPrivacyLevels(int most, int mostOwed, LongSupplier microClock) {
        this.most = most;
        this.mostOwed = mostOwed;
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
        if (level == PrivacyLevel.NONE && none.size() >= most && !none.contains(user)) {
            throw new TooManyLevelsException(most);
        }
        long now = microClock.getAsLong();
        for (int i = 0; i < RedisPrivacyLevels.PURGES.size(); i++) {
            var purge = new UserDebt(Debt.ofLevel(i + 1), user);
            if (level == PrivacyLevel.NONE) {
                debts.put(purge, now + RedisPrivacyLevels.micros(RedisPrivacyLevels.PURGES.get(i)));
            } else {
                debts.remove(purge);
            }
        }
        return level == PrivacyLevel.NONE ? none.add(user) : none.remove(user);
    }

    /** There are no others. */
    @Override
    public synchronized Optional<Owed> tellToForget(long user) {
        PrivacyLevels.requireUser(user);
        var forgetting = new UserDebt(Debt.FORGETTING, user);
        if (debts.forgettings() >= mostOwed && debts.time(forgetting).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(leased(forgetting));
    }

    @Override
    public void tellToForgetCopies(long user) {
        PrivacyLevels.requireUser(user);
    }

    @Override
    public synchronized boolean purgesDue() {
        return debts.firstDue(microClock.getAsLong()).isPresent();
    }

    @Override
    public synchronized Optional<Owed> takePurge() {
        return debts.firstDue(microClock.getAsLong()).map(this::leased);
    }

    @Override
    public synchronized Optional<Owed> renew(Owed taken) {
        UserDebt debt = UserDebt.of(taken);
        return debts.time(debt).filter(lease -> lease == taken.lease()).map(lease -> leased(debt));
    }

    private Owed leased(UserDebt debt) {
        long till = microClock.getAsLong() + RedisPrivacyLevels.micros(PURGE_LEASE);
        debts.put(debt, till);
        return new Owed(debt.which(), debt.user(), till);
    }

    @Override
    public synchronized void purged(Owed done) {
        UserDebt debt = UserDebt.of(done);
        if (debts.time(debt).filter(lease -> lease == done.lease()).isPresent()) {
            debts.remove(debt);
        }
    }
}
