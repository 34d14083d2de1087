package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;
import java.util.Set;

/** Hears of limits that were set, here or elsewhere. Called by one thread at a time. */
@FunctionalInterface
public interface LimitsListener {
    /**
     * The limits were looked at, which happens twice a second while the store can be asked.
     *
     * @param changed whose are others than before; at first all bots that have any
     */
    void looked(Set<BotId> changed);
}
