package dev.sluice.bundle;

import dev.sluice.telegram.BotId;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Bundles whose leases ran out as often as they may but one. Of each bot one of them is out at a time: of all that were with a process
 * whenever it died, the one that kills is known then. As in {@code claim.lua}. Not thread-safe. Times are microseconds since 1970.
 */
final class InMemoryLastLeases {
    /** At most, for another's, which may end early. */
    private static final long WAIT = 1_000_000;

    private final int mostLost;
    private final Map<BotId, Conversation> out = new HashMap<>();

    /** @param mostLost 0 for as many as happen */
    InMemoryLastLeases(int mostLost) {
        this.mostLost = mostLost;
    }

    /** Whether it has lost all. */
    boolean isOver(HeldConversation held) {
        return mostLost > 0 && held.lost() >= mostLost;
    }

    /**
     * Until when it has to wait for another's; otherwise it is the one that is out.
     *
     * @param others what is known of somebody, or nothing yet
     */
    OptionalLong waitsUntil(HeldConversation held, Function<Conversation, HeldConversation> others, long now) {
        if (held.lost() == 0 || held.lost() != mostLost - 1) {
            return OptionalLong.empty();
        }
        Conversation who = held.conversation();
        HeldConversation other = others.apply(out.getOrDefault(who.bot(), who));
        OptionalLong end = other.leasedUntil();
        if (other != held && other.lost() == held.lost() && end.isPresent() && end.getAsLong() > now) {
            return OptionalLong.of(Math.min(end.getAsLong(), now + WAIT));
        }
        // Those of other bots that are over by now go with it.
        out.values().removeIf(one -> others.apply(one).lost() != mostLost - 1);
        out.put(who.bot(), who);
        return OptionalLong.empty();
    }
}
