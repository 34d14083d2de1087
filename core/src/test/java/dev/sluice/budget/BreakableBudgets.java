package dev.sluice.budget;

import dev.sluice.redis.RedisUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/** Shared budgets as one replica reaches them: the way there can be cut, or lose what comes back. */
final class BreakableBudgets implements SharedBudgets {
    private final SharedBudgets shared;
    private final Runnable onTheWay;
    private Way way = Way.OPEN;

    enum Way {
        OPEN,
        /** Nothing gets there. */
        CUT,
        /** It is done, and nobody hears of it. */
        LOSES_REPLIES,
        /** The caller was interrupted. */
        INTERRUPTED,
        /** Its memory is full: what does not write is answered. */
        FULL
    }

    BreakableBudgets(SharedBudgets shared) {
        this(shared, () -> {});
    }

    /** @param onTheWay done on the way to what is reached */
    BreakableBudgets(SharedBudgets shared, Runnable onTheWay) {
        this.shared = shared;
        this.onTheWay = onTheWay;
    }

    void way(Way newWay) {
        way = newWay;
    }

    @Override
    public Consumption consume(Budget budget, BudgetUser user) {
        return reached(() -> shared.consume(budget, user));
    }

    @Override
    public Usage add(Budget budget, long user, long messages, Duration left) {
        return reached(() -> shared.add(budget, user, messages, left));
    }

    @Override
    public Consumption addAndConsume(Budget budget, BudgetUser user, long messages, Duration left) {
        return reached(() -> shared.addAndConsume(budget, user, messages, left));
    }

    @Override
    public Usage usage(Budget budget, long user) {
        return way == Way.FULL ? shared.usage(budget, user) : reached(() -> shared.usage(budget, user));
    }

    @Override
    public Usage grant(Budget budget, long user, long messages) {
        return reached(() -> shared.grant(budget, user, messages));
    }

    @Override
    public boolean reset(Budget budget, long user) {
        return reached(() -> shared.reset(budget, user));
    }

    @Override
    public BudgetPage scan(Budget budget, String cursor, int about) {
        return reached(() -> shared.scan(budget, cursor, about));
    }

    private <T> T reached(Supplier<T> question) {
        return switch (way) {
            case OPEN -> {
                onTheWay.run();
                yield question.get();
            }
            case CUT -> throw new RedisUnavailableException("cut", false, new IOException("cut"));
            case LOSES_REPLIES -> {
                T unheard = question.get();
                throw new RedisUnavailableException("lost: " + unheard, true, new IOException("lost"));
            }
            case FULL ->
                throw new RedisUnavailableException(
                        RedisUnavailableException.Reason.OUT_OF_MEMORY, "full", false, null);
            case INTERRUPTED ->
                throw new RedisUnavailableException(
                        RedisUnavailableException.Reason.INTERRUPTED, "interrupted", false, null);
        };
    }
}
