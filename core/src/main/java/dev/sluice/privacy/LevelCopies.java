package dev.sluice.privacy;

import dev.sluice.redis.ScriptReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * What one process knows of who has the level {@code none}, brought up to date page by page. What changes it is to be called by one thread at a time;
 * {@link #view} by any.
 */
final class LevelCopies {
    /** 100,000 ids are about 6 MB. */
    static final int MOST_HELD = 100_000;

    static final int PAGE = 1_000;

    /** Where changes begin in a reply. */
    private static final int FIRST = 7;

    /** Redis keeps changes to full for an hour. */
    private static final Duration LONGEST_UNHEARD = Duration.ofMinutes(30);

    private final int mostHeld;
    private final int page;
    private Set<Long> none = ConcurrentHashMap.newKeySet();

    /** Were known, and Redis may have lost them: they count until it was told, however often that fails. */
    private final Set<Long> missing = new HashSet<>();

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
        note(user, level);
        // What is shown may be another set while it is not known all anew.
        view.ifPresent(shown -> note(shown.none(), user, level));
    }

    private void note(long user, PrivacyLevel level) {
        note(none, user, level);
        if (level == PrivacyLevel.FULL) {
            missing.remove(user);
        }
    }

    private static void note(Set<Long> users, long user, PrivacyLevel level) {
        if (level == PrivacyLevel.NONE) {
            users.add(user);
        } else {
            users.remove(user);
        }
    }

    /**
     * Asks what has changed until all is known. What goes wrong midway loses nothing: the next time goes on.
     *
     * @param changes asks for what came after a change of that number: {@code changes.lua}
     * @return those that were known and that Redis does not know any more, since it has lost writes, until they are {@link #restored}; empty if
     *     it has lost none
     */
    Set<Long> update(LongFunction<ScriptReply> changes, LongSupplier nanoClock) {
        boolean unheard = view.filter(held -> nanoClock.getAsLong() - held.asked() > LONGEST_UNHEARD.toNanos())
                .isPresent();
        boolean counted = false;
        boolean anew = since == 0;
        while (true) {
            long asked = nanoClock.getAsLong();
            ScriptReply reply = changes.apply(since);
            long last = reply.number(0);
            if (last < since) {
                missing.addAll(none);
                anew = startAnew();
                continue;
            }
            // Only of what was known before: whoever reads all from the beginning passes the older changes on the way.
            if (!anew && (unheard || since < reply.number(1))) {
                anew = startAnew();
                continue;
            }
            int users = Math.toIntExact(reply.number(2));
            if (users > mostHeld) {
                holdBack(last);
                return Set.copyOf(missing);
            }
            if (heldBack) {
                heldBack = false;
                anew = startAnew();
                continue;
            }
            if (applied(reply)) {
                continue;
            }
            since = last;
            if (none.size() != users && !counted) {
                counted = true;
                missing.addAll(none);
                anew = startAnew();
                continue;
            }
            missing.removeAll(none);
            view = Optional.of(new View(shown(), asked));
            return Set.copyOf(missing);
        }
    }

    /** Redis was told of them; whom it does not know then is somebody whose level is full. */
    void restored(Collection<Long> users) {
        missing.removeAll(Set.copyOf(users));
    }

    private Set<Long> shown() {
        if (missing.isEmpty()) {
            return none;
        }
        Set<Long> all = ConcurrentHashMap.newKeySet();
        all.addAll(none);
        all.addAll(missing);
        return all;
    }

    /** @return whether there is more to ask for */
    private boolean applied(ScriptReply reply) {
        var steps = new ArrayList<Step>();
        for (int i = FIRST; i < reply.size(); i += 3) {
            steps.add(new Step(reply.number(i), reply.number(i + 1), reply.number(i + 2) == 1));
        }
        OptionalLong end = endOfFullPages(steps);
        steps.stream()
                .filter(step -> step.number() <= end.orElse(Long.MAX_VALUE))
                .sorted(Comparator.comparingLong(Step::number))
                .forEach(step -> note(step.user(), step.isNone() ? PrivacyLevel.NONE : PrivacyLevel.FULL));
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

    /** What was shown stays shown until all is known again. Returns that it is read anew. */
    private boolean startAnew() {
        none = ConcurrentHashMap.newKeySet();
        since = 0;
        return true;
    }

    private void holdBack(long last) {
        heldBack = true;
        none = ConcurrentHashMap.newKeySet();
        since = last;
        view = Optional.empty();
    }
}
