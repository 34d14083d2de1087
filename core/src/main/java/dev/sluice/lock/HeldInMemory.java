package dev.sluice.lock;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One lock in memory and those who wait for it: the state of {@code lock.lua}. Times are microseconds. Not thread-safe. */
final class HeldInMemory {
    /** In the order in which they came; the value says until when the place is kept. */
    private final Map<LockOwner, Long> line = new LinkedHashMap<>();

    private @Nullable LockOwner owner;
    private long fence;
    private long since;
    private long ends;

    boolean isHeld(long now) {
        return owner != null && ends > now;
    }

    boolean isOf(LockOwner who, long now) {
        return isHeld(now) && who.equals(owner);
    }

    /** Whether there is nothing to remember: fences are counted elsewhere. */
    boolean isIdle(long now) {
        return !isHeld(now) && line.values().stream().allMatch(kept -> kept <= now);
    }

    void dropTheDead(long now) {
        line.values().removeIf(kept -> kept <= now);
    }

    /** How many stand before it, or would. */
    int ahead(LockOwner who) {
        int ahead = 0;
        for (LockOwner other : line.keySet()) {
            if (other.equals(who)) {
                return ahead;
            }
            ahead++;
        }
        return ahead;
    }

    boolean stands(LockOwner who) {
        return line.containsKey(who);
    }

    void keepPlace(LockOwner who, long until) {
        line.put(who, until);
    }

    void leave(LockOwner who) {
        line.remove(who);
    }

    void take(LockOwner who, long newFence, long now, long lease) {
        owner = who;
        fence = newFence;
        since = now;
        ends = now + lease;
        leave(who);
    }

    void renew(long until) {
        ends = until;
    }

    /** @return whether it was this owner's, held or not */
    boolean free(LockOwner who, long now) {
        if (!who.equals(owner)) {
            return false;
        }
        owner = null;
        ends = Math.min(ends, now);
        return true;
    }

    List<LockOwner> next(int most) {
        return line.keySet().stream().limit(most).toList();
    }

    int waiting() {
        return line.size();
    }

    long fence() {
        return fence;
    }

    long since() {
        return since;
    }

    long ends() {
        return ends;
    }
}
