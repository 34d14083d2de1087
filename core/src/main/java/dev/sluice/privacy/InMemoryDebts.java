package dev.sluice.privacy;

import dev.sluice.privacy.StoredLevels.Owed;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** What is owed of users and when, in one process. Whoever is due longest comes first, or what fails could keep others waiting. Not thread-safe. */
final class InMemoryDebts {
    private static final Comparator<Due> BY_TIME = Comparator.comparingLong(Due::micros)
            .thenComparingLong(due -> due.debt().user())
            .thenComparing(due -> due.debt().which().name());

    private final Map<UserDebt, Long> times = new HashMap<>();
    private final NavigableSet<Due> inOrder = new TreeSet<>(BY_TIME);

    /** Since when those of one family have failed. */
    private final Map<UserDebt, Long> failing = new HashMap<>();

    private int forgettings;

    record UserDebt(Debt which, long user) {
        static UserDebt of(Owed owed) {
            return new UserDebt(owed.which(), owed.user());
        }

        UserDebt ofFamily(String family) {
            return new UserDebt(which.ofFamily(family), user);
        }
    }

    private record Due(UserDebt debt, long micros) {}

    void put(UserDebt debt, long micros) {
        Optional.ofNullable(times.put(debt, micros))
                .ifPresentOrElse(before -> inOrder.remove(new Due(debt, before)), () -> forgettings += weight(debt));
        inOrder.add(new Due(debt, micros));
    }

    void remove(UserDebt debt) {
        Optional.ofNullable(times.remove(debt)).ifPresent(before -> {
            inOrder.remove(new Due(debt, before));
            forgettings -= weight(debt);
        });
        failing.remove(debt);
    }

    private static int weight(UserDebt debt) {
        return debt.which().isOfLevel() ? 0 : 1;
    }

    /** How many are owed but those of levels. */
    int forgettings() {
        return forgettings;
    }

    /** Until when it is left to whoever has it, microseconds; empty if it is owed no more. */
    Optional<Long> time(UserDebt debt) {
        return Optional.ofNullable(times.get(debt));
    }

    /** What is due by then, first what has been for longest. */
    Optional<UserDebt> firstDue(long micros) {
        return inOrder.isEmpty() || inOrder.first().micros() > micros
                ? Optional.empty()
                : Optional.of(inOrder.first().debt());
    }

    /** When one that failed is tried again, the later the longer it has; empty if it has for too long. */
    Optional<Long> retry(UserDebt debt, long now, Duration mostSeldom) {
        long since = failing.computeIfAbsent(debt, first -> now);
        if (now - since >= micros(StoredLevels.GIVEN_UP)) {
            failing.remove(debt);
            return Optional.empty();
        }
        long delay = Math.clamp(now - since, micros(StoredLevels.PURGE_LEASE), micros(mostSeldom));
        return Optional.of(now + delay);
    }

    private static long micros(Duration duration) {
        return RedisPrivacyLevels.micros(duration);
    }
}
