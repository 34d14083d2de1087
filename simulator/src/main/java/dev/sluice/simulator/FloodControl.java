package dev.sluice.simulator;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The flood control of one bot: a call is admitted if every limit it falls under has room, and then spends from all of them;
 * otherwise it spends nothing and the limits without room answer. Not thread-safe: its bot's lock guards it.
 */
final class FloodControl {
    private static final int FIRST_SWEEP = 1024;

    private final FloodLimits limits;
    private @Nullable FloodScope free;
    private final @Nullable FloodScope paid;
    private final Map<Long, FloodScope> chats = new HashMap<>();
    private final Map<Long, FloodScope> groups = new HashMap<>();
    private int nextSweep = FIRST_SWEEP;

    FloodControl(FloodLimits limits) {
        this.limits = limits;
        this.free = scope(limits.bot());
        this.paid = scope(limits.paidBroadcast());
    }

    /** Sets what all calls but paid broadcasts fall under from now on; what was sent before counts no longer, nor does a block. */
    void setBot(FloodLimits.Limit limit) {
        free = scope(limit);
    }

    /**
     * Decides about one call.
     *
     * @param now nanoseconds of the simulator's clock, never less than at the call before
     * @param chat the chat's id; negative ids fall under the group limit, too
     * @return 0 if the call was admitted, else {@code retry_after}
     */
    int admit(long now, long chat, int weight, boolean paidBroadcast) {
        sweepIfGrown(now);
        @Nullable FloodScope[] scopes = {
            paidBroadcast ? paid : free,
            limits.chat().isNone() ? null : chats.computeIfAbsent(chat, id -> new FloodScope(limits.chat(), limits)),
            chat >= 0 || limits.group().isNone()
                    ? null
                    : groups.computeIfAbsent(chat, id -> new FloodScope(limits.group(), limits))
        };
        int retryAfter = 0;
        for (FloodScope scope : scopes) {
            if (scope != null && !scope.admits(now, weight)) {
                retryAfter = Math.max(retryAfter, scope.deny(now, weight));
            }
        }
        if (retryAfter == 0) {
            for (FloodScope scope : scopes) {
                if (scope != null) {
                    scope.spend(now, weight);
                }
            }
        }
        return retryAfter;
    }

    /** How many a text of so many characters counts as. */
    int weightOfText(int chars) {
        return limits.longTextChars() == 0 ? 1 : 1 + Math.max(0, chars - 1) / limits.longTextChars();
    }

    int chatsKnown() {
        return chats.size() + groups.size();
    }

    /** Chats whose windows are empty are forgotten whenever twice as many are known as after the last look: O(1) per call. */
    private void sweepIfGrown(long now) {
        if (chatsKnown() >= nextSweep) {
            chats.values().removeIf(scope -> scope.isIdle(now));
            groups.values().removeIf(scope -> scope.isIdle(now));
            nextSweep = Math.max(FIRST_SWEEP, 2 * chatsKnown());
        }
    }

    private @Nullable FloodScope scope(FloodLimits.Limit limit) {
        return limit.isNone() ? null : new FloodScope(limit, limits);
    }
}
