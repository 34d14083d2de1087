package dev.sluice.simulator;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The faults in force; the first one that strikes a call is the only one. Thread-safe. */
public final class Faults {
    private static final int MOST = 1000;

    private final List<InjectedFault> faults = new CopyOnWriteArrayList<>();
    private final RandomGenerator random;

    Faults(long seed) {
        SplittableRandom seeded = new SplittableRandom(seed);
        this.random = () -> {
            synchronized (seeded) {
                return seeded.nextLong();
            }
        };
    }

    /** Puts a rule in force, behind those that are. */
    public InjectedFault add(FaultRule rule) {
        if (faults.size() >= MOST) {
            throw new IllegalStateException(MOST + " faults are in force already");
        }
        InjectedFault fault = new InjectedFault(rule);
        faults.add(fault);
        return fault;
    }

    /** Those in force, in order. */
    public List<InjectedFault> all() {
        return List.copyOf(faults);
    }

    public void remove(InjectedFault fault) {
        faults.remove(fault);
    }

    public void clear() {
        faults.clear();
    }

    Optional<FaultEffect> strike(long bot, String method, Supplier<@Nullable Long> chat) {
        if (faults.isEmpty()) {
            return Optional.empty();
        }
        Long id = chat.get();
        return faults.stream()
                .filter(fault -> fault.strikes(bot, method, id, random))
                .findFirst()
                .map(fault -> fault.rule().effect());
    }
}
