package dev.sluice.history;

import dev.sluice.history.HistoryLists.Line;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.history.HistoryLists.State;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * Histories that are loaded by those who ask, since only they reach their database: what {@link HistoryStore} does, in two steps of theirs. Who
 * finds a history that was not loaded gets a fence, one at a time; what they bring under it is put among what is there, unless the history was
 * cleared or their lease passed on meanwhile. Thread-safe; blocks its (virtual) thread.
 */
public final class ClientLoads {
    public static final Duration SHORTEST_LEASE = Duration.ofMillis(100);
    public static final Duration LONGEST_LEASE = Duration.ofMinutes(1);

    /**
     * A history.
     *
     * @param loaded whether somebody has loaded it, or there is nothing that may be loaded
     * @param fence there if the caller is to load it; if it is neither loaded nor theirs to load, somebody else
     *     does, Redis does not answer, or histories are turned off
     */
    public record Found(History history, boolean loaded, Optional<String> fence) {}

    private final Histories histories;
    private final BiFunction<HistoryKey, List<NewEntry>, List<Line>> lines;

    ClientLoads(Histories histories, BiFunction<HistoryKey, List<NewEntry>, List<Line>> lines) {
        this.histories = histories;
        this.lines = lines;
    }

    /**
     * As {@link Histories#read(HistoryKey, int, int)}, and hands over the lease to load it.
     *
     * @param lease how long the caller has to bring it, {@link #SHORTEST_LEASE} to {@link #LONGEST_LEASE}
     */
    public Found find(HistoryKey key, int entries, int tokens, Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException("the lease to load a history must be 100 ms to 60 s, not " + lease);
        }
        String fence = UUID.randomUUID().toString();
        // First: what somebody else has loaded by then is read then.
        State state = lease(key, fence, lease);
        return new Found(
                histories.read(key, entries, tokens),
                state == State.LOADED,
                state == State.LOAD ? Optional.of(fence) : Optional.empty());
    }

    private State lease(HistoryKey key, String fence, Duration lease) {
        if (histories.isOnlyHere(key)) {
            return State.LOADED;
        }
        try {
            return histories
                    .lists()
                    .map(lists ->
                            lists.lease(key, Selection.NOTHING, fence, lease).state())
                    .orElse(State.PARTLY);
        } catch (RedisUnavailableException | RedisScriptException e) {
            return State.PARTLY;
        }
    }

    /**
     * Brings what was loaded.
     *
     * @param loaded the oldest first, each with the id under which it is, or will be, appended; none: nothing was said
     * @return false if the lease was not the caller's any more; nothing was changed then
     * @throws RedisUnavailableException if Redis does not answer: then it may have been done
     */
    public boolean fill(HistoryKey key, String fence, List<NewEntry> loaded) {
        if (loaded.size() > HistoryBounds.MOST_ENTRIES) {
            throw new IllegalArgumentException("a history may be loaded with at most " + HistoryBounds.MOST_ENTRIES
                    + " entries, not " + loaded.size());
        }
        return !histories.isOnlyHere(key)
                && histories
                        .lists()
                        .map(lists -> lists.fill(key, fence, lines.apply(key, loaded)))
                        .orElse(false);
    }
}
