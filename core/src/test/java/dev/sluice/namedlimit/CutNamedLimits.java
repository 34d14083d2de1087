package dev.sluice.namedlimit;

import dev.sluice.limit.Waiter;
import java.util.List;
import java.util.Optional;

/** Limits that are reached by a way which may fail, or be watched. */
final class CutNamedLimits implements NamedLimits {
    private final NamedLimits limits;
    private final Runnable way;

    /** @param way throws if nothing gets there */
    CutNamedLimits(NamedLimits limits, Runnable way) {
        this.limits = limits;
        this.way = way;
    }

    private NamedLimits reached() {
        way.run();
        return limits;
    }

    @Override
    public void define(NamedLimit limit) {
        reached().define(limit);
    }

    @Override
    public NamedLimit defineIfAbsent(NamedLimit limit) {
        return reached().defineIfAbsent(limit);
    }

    @Override
    public boolean remove(String name) {
        return reached().remove(name);
    }

    @Override
    public List<NamedLimit> list() {
        return reached().list();
    }

    @Override
    public Optional<NamedLimit> find(String name) {
        return reached().find(name);
    }

    @Override
    public Passage acquire(Use use, Optional<Waiter> waiter) {
        return reached().acquire(use, waiter);
    }

    @Override
    public LimitUsage usage(Use use) {
        return reached().usage(use);
    }
}
