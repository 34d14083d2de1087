package dev.sluice.budget;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What {@code counters.lua} keeps, with the same arithmetic. A count of 0 means that the window has not begun.
 *
 * @param ends microseconds since 1970, when all of it is forgotten; 0 if there is nothing
 */
record Counters(long count, long rejected, long bonus, long ends) {
    static final Counters NONE = new Counters(0, 0, 0, 0);

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    /** When a window ends that begins now. */
    static long end(Window window, long now) {
        return micros(window.end(instant(now)));
    }

    /** What is left of it at a moment: nothing after its end, and none lasts longer than a window that begins now. */
    Counters at(long now, Window window) {
        return ends <= now ? NONE : new Counters(count, rejected, bonus, Math.min(ends, end(window, now)));
    }

    long left(Budget budget) {
        return Math.max(0, budget.limit() + bonus - count);
    }

    /** One more passed. */
    Counters passed(Window window, long now) {
        boolean begins = count == 0 || window instanceof Window.Idle;
        return new Counters(count + 1, rejected, bonus, begins ? end(window, now) : ends);
    }

    /**
     * {@code messages} passed before, in a window that ends then. Where one goes on already, it began with the first message of either, or
     * ends after the last of either.
     */
    Counters reported(long messages, long theirs, Window window, long now) {
        long latest = end(window, now);
        long end = Math.min(theirs, latest);
        long merged = switch (window) {
            case Window.FirstMessage first -> count == 0 ? end : Math.min(ends, end);
            case Window.Idle idle -> count == 0 ? end : Math.max(ends, end);
            case Window.CalendarDay day -> latest;
        };
        return new Counters(count + messages, rejected, bonus, merged);
    }

    /** One was rejected: counted apart, and changes neither what is left nor when it ends. */
    Counters rejecting(Window window, long now) {
        return new Counters(count, rejected + 1, bonus, ends == 0 ? end(window, now) : ends);
    }

    Counters granted(long messages, Window window, long now) {
        long most = Math.min(Budget.MOST, bonus + messages);
        return new Counters(count, rejected, most, count == 0 ? end(window, now) : ends);
    }
}
