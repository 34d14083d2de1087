package dev.sluice.privacy;

import dev.sluice.privacy.StoredLevels.Owed;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** What is owed of users and when, in one process. What has been due for longest comes first, or what fails could keep others waiting. Not thread-safe. */
final class InMemoryDebts {
    private static final Comparator<Due> BY_TIME = Comparator.comparingLong(Due::micros)
            .thenComparingLong(due -> due.debt().user())
            .thenComparing(due -> due.debt().which().name());

    private final Map<UserDebt, Long> times = new HashMap<>();
    private final NavigableSet<Due> inOrder = new TreeSet<>(BY_TIME);

    private int forgettings;

    record UserDebt(Debt which, long user) {
        static UserDebt of(Owed owed) {
            return new UserDebt(owed.which(), owed.user());
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
    }

    private static int weight(UserDebt debt) {
        return debt.which().isForgetting() ? 1 : 0;
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
}
