package dev.sluice.privacy;

import dev.sluice.redis.ScriptReply;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this process forget in its memory what others were asked to forget: each forgetting once, a page of them in one
 * pass over each part. Those that this
 * process was asked for itself are none of these, since it has forgotten then and what came after that is new. All but {@link #isBehind} is to be
 * called by one thread at a time.
 */
final class FollowedForgettings {
    private static final Logger log = LoggerFactory.getLogger(FollowedForgettings.class);

    /** Where forgettings begin in a reply. */
    private static final int FIRST = 2;

    private final PersonalDataRegistry parts;
    private final int page;
    private final LongSupplier nanoClock;
    private final long begun;
    private final Set<Long> own = new HashSet<>();
    private boolean begins = true;

    /** All up to that number are forgotten here. */
    private volatile long followed;

    /** The number of the last change of any kind that was ever heard of. */
    private long last;

    /** @param page how many forgettings Redis tells at once */
    FollowedForgettings(PersonalDataRegistry parts, int page, LongSupplier nanoClock) {
        this.parts = parts;
        this.page = page;
        this.nanoClock = nanoClock;
        this.begun = nanoClock.getAsLong();
    }

    /** Whether a forgetting is not followed yet, so that what is in memory may be what was to be forgotten. Thread-safe. */
    boolean isBehind(long number) {
        return number > followed;
    }

    /** This process was asked for that one, and forgets by itself. */
    void ownIs(long number) {
        own.add(number);
    }

    /**
     * Forgets what is new. What goes wrong midway loses nothing: the next time goes on.
     *
     * @param changes what Redis says: {@code changes.lua}
     * @param after asks for the forgettings after a number: {@code forgettings.lua}
     */
    void follow(ScriptReply changes, LongFunction<ScriptReply> after) {
        if (begins) {
            // Numbers are times of Redis' clock: whatever was forgotten before this process began is not in its memory.
            // But what comes is only known to be behind the last one, since that clock may be ahead just now.
            long elapsed = TimeUnit.NANOSECONDS.toMicros(nanoClock.getAsLong() - begun);
            followed = Math.min(changes.number(0), changes.number(5) - elapsed - 1);
            begins = false;
        } else if (changes.number(0) < last) {
            // Redis has lost writes, and its clock may be another's now.
            followed = Math.min(followed, changes.number(0));
            own.removeIf(number -> number > changes.number(0));
        }
        last = changes.number(0);
        boolean more = changes.number(4) > followed;
        while (more) {
            more = forget(after.apply(followed));
        }
        own.removeIf(number -> number <= followed);
    }

    /** @return whether there is more to ask for */
    private boolean forget(ScriptReply told) {
        if (told.number(0) > followed) {
            log.warn("it is not known any more whom to forget: all that only this process has of users is forgotten");
            parts.forgetEverybodyHere();
            followed = told.number(0);
        }
        int found = (told.size() - FIRST) / 3;
        var users = new EnumMap<Memory, Set<Long>>(Memory.class);
        for (int i = FIRST; i < told.size(); i += 3) {
            if (!own.contains(told.number(i + 2))) {
                users.computeIfAbsent(Memory.of(told.text(i)), what -> new LinkedHashSet<>())
                        .add(told.number(i + 1));
            }
        }
        parts.forgetHere(users.getOrDefault(Memory.ALL, Set.of()));
        parts.forgetCopiesHere(users.getOrDefault(Memory.COPIES, Set.of()));
        if (found > 0) {
            followed = told.number(told.size() - 1);
        }
        return found == page;
    }

    /** What is to be forgotten of a process' memory. */
    private enum Memory {
        /** All that is a user's. */
        ALL,
        /** Copies of what is kept elsewhere. */
        COPIES;

        /** @param word as Redis has it */
        static Memory of(String word) {
            return word.equals("all") ? ALL : COPIES;
        }
    }
}
