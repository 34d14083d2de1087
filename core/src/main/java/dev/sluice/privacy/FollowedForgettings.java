package dev.sluice.privacy;

import dev.sluice.privacy.StoredLevels.Memory;
import dev.sluice.redis.ScriptReply;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this process forget in its memory what others were asked to forget: each forgetting once, in the order of their numbers. Those that this
 * process was asked for itself are none of these, since it has forgotten then and what came after that is new. All but {@link #isBehind} is to be
 * called by one thread at a time.
 */
final class FollowedForgettings {
    private static final Logger log = LoggerFactory.getLogger(FollowedForgettings.class);

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
        int found = (told.size() - 1) / 3;
        for (int i = 1; i < told.size(); i += 3) {
            forget(told.text(i), told.number(i + 1), told.number(i + 2));
        }
        return found == page;
    }

    private void forget(String what, long user, long number) {
        if (!own.contains(number)) {
            if (what.equals(Memory.ALL.word())) {
                parts.forgetHere(user);
            } else {
                parts.forgetCopiesHere(user);
            }
        }
        followed = number;
    }
}
