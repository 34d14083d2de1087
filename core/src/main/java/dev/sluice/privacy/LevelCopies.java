package dev.sluice.privacy;

import dev.sluice.redis.ScriptReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one process knows of who has the level {@code none}, brought up to date page by page. What changes it is to be called by one thread at a time;
 * {@link #view} by any.
 */
final class LevelCopies {
    /** 100,000 ids are about 6 MB. */
    static final int MOST_HELD = 100_000;

    static final int PAGE = 1_000;

    /** Redis keeps changes to full for an hour. */
    private static final Duration LONGEST_UNHEARD = Duration.ofMinutes(30);

    private final int mostHeld;
    private final int page;
    private Set<Long> none = ConcurrentHashMap.newKeySet();
    private long since;
    private boolean heldBack;
    private volatile Optional<View> view = Optional.empty();

    /**
     * All who have it.
     *
     * @param asked when Redis was asked, nanoseconds of this process' clock
     */
    record View(Set<Long> none, long asked) {}

    private record Step(long user, long number, boolean isNone) {}

    /** @param page how many changes of a kind Redis tells at once */
    LevelCopies(int mostHeld, int page) {
        this.mostHeld = mostHeld;
        this.page = page;
    }

    /** Empty before the first time, and while there are too many to hold. */
    Optional<View> view() {
        return view;
    }

    /** What this process itself has set: at once, since its own caller relies on it. */
    void set(long user, PrivacyLevel level) {
        if (level == PrivacyLevel.NONE) {
            none.add(user);
        } else {
            none.remove(user);
        }
    }

    /**
     * Asks what has changed until all is known.
     *
     * @param changes asks for what came after a change of that number: {@code changes.lua}
     * @return those that were known and that Redis does not know any more, since it has lost writes; empty if it has lost none
     */
    Set<Long> update(LongFunction<ScriptReply> changes, LongSupplier nanoClock) {
        if (view.filter(held -> nanoClock.getAsLong() - held.asked() > LONGEST_UNHEARD.toNanos())
                .isPresent()) {
            startAnew();
        }
        Set<Long> before = Set.of();
        boolean counted = false;
        while (true) {
            long asked = nanoClock.getAsLong();
            ScriptReply reply = changes.apply(since);
            long last = reply.number(0);
            if (last < since) {
                before = union(before, startAnew());
                continue;
            }
            if (since > 0 && since < reply.number(1)) {
                startAnew();
                continue;
            }
            int users = Math.toIntExact(reply.number(2));
            if (users > mostHeld) {
                holdBack(last);
                return before;
            }
            if (heldBack) {
                heldBack = false;
                startAnew();
                continue;
            }
            if (applied(reply)) {
                continue;
            }
            since = last;
            if (none.size() != users && !counted) {
                counted = true;
                before = union(before, startAnew());
                continue;
            }
            view = Optional.of(new View(none, asked));
            Set<Long> known = none;
            return before.stream().filter(user -> !known.contains(user)).collect(Collectors.toSet());
        }
    }

    /** @return whether there is more to ask for */
    private boolean applied(ScriptReply reply) {
        var steps = new ArrayList<Step>();
        for (int i = 4; i < reply.size(); i += 3) {
            steps.add(new Step(reply.number(i), reply.number(i + 1), reply.number(i + 2) == 1));
        }
        OptionalLong end = endOfFullPages(steps);
        steps.stream()
                .filter(step -> step.number() <= end.orElse(Long.MAX_VALUE))
                .sorted(Comparator.comparingLong(Step::number))
                .forEach(step -> set(step.user(), step.isNone() ? PrivacyLevel.NONE : PrivacyLevel.FULL));
        end.ifPresent(number -> since = number);
        return end.isPresent();
    }

    /** Of a kind of which a whole page came, nothing is known past its last change. */
    private OptionalLong endOfFullPages(List<Step> steps) {
        return Stream.of(true, false)
                .map(kind ->
                        steps.stream().filter(step -> step.isNone() == kind).toList())
                .filter(some -> some.size() == page)
                .mapToLong(some -> some.getLast().number())
                .min();
    }

    /** What was shown stays shown until all is known again. */
    private Set<Long> startAnew() {
        Set<Long> before = none;
        none = ConcurrentHashMap.newKeySet();
        since = 0;
        return before;
    }

    private void holdBack(long last) {
        heldBack = true;
        none = ConcurrentHashMap.newKeySet();
        since = last;
        view = Optional.empty();
    }

    private static Set<Long> union(Set<Long> one, Set<Long> other) {
        var all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
