package dev.sluice.history;

import java.util.List;

/**
 * Where the truth is: a bot's database. Called on virtual threads, by many at once; what it throws is counted and never told, since it may hold
 * what belongs in no log.
 *
 * <p>Whoever writes the database otherwise leaves {@link #append}, {@link #clear} and {@link #forget} as they are, and writes there before
 * appending here.
 */
@FunctionalInterface
public interface HistoryStore {

    /**
     * What was said last in a chat, the oldest first. Each entry has the id under which it is, or will be, appended: by that it is known as the
     * same.
     *
     * @param bounds more than these are dropped
     */
    List<NewEntry> load(HistoryKey key, HistoryBounds bounds) throws Exception;

    /**
     * Writes what was said; done before it is kept elsewhere, and again under the same ids if the caller tries again.
     *
     * @param entries each with an id and tokens
     */
    default void append(HistoryKey key, List<NewEntry> entries) throws Exception {}

    /** Removes all of a chat. Whoever does not finds it loaded again once {@link HistorySettings#keep} is over. */
    default void clear(HistoryKey key) throws Exception {}

    /**
     * Removes all texts of a user: of their private chats, and what they said in others.
     *
     * @return how many entries
     */
    default long forget(long user) throws Exception {
        return 0;
    }
}
