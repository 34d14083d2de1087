package dev.sluice.history;

import java.time.Duration;
import java.util.List;

/** Where histories lie. Thread-safe; each method is one atomic step. */
interface HistoryLists {
    /** When it is written. */
    long NOW = -1;

    /**
     * An entry to be written.
     *
     * @param id a digest
     * @param micros when it was said, or {@link #NOW}
     * @param user 0 if nobody's
     */
    record Line(String id, long micros, int tokens, long user, byte[] content) {}

    /**
     * An entry as it is there.
     *
     * @param number not greater than those of entries behind it
     */
    record Kept(long number, long micros, int tokens, long user, byte[] content) {}

    /** What is known of a history, and what whoever asks may do. */
    enum State {
        LOADED,
        /** What was appended is there, and no more. */
        PARTLY,
        /** Likewise, and the caller is to load it. */
        LOAD,
        /** Likewise, and somebody else loads it. */
        WAIT
    }

    record Look(State state, long version, List<Kept> entries) {}

    /** How many of the newest entries, and tokens, are asked for. */
    record Selection(int entries, int tokens) {
        static final Selection ALL = new Selection(Integer.MAX_VALUE, Integer.MAX_VALUE);
        static final Selection NOTHING = new Selection(0, 0);
    }

    record Written(long version, int added) {}

    Look read(HistoryKey key, Selection selection);

    /** As {@link #read}, and takes the lease to load it if it has not been and nobody does. */
    Look lease(HistoryKey key, Selection selection, String fence, Duration length);

    /** With no lines it only takes a number, for what is kept elsewhere. */
    Written append(HistoryKey key, List<Line> lines);

    /**
     * @param lines the oldest first
     * @return false if the lease was not the caller's any more; nothing was written then
     */
    boolean fill(HistoryKey key, String fence, List<Line> lines);

    void release(HistoryKey key, String fence);

    /**
     * @param known whether it is to be known that nothing is there
     * @return how many entries there were
     */
    int clear(HistoryKey key, boolean known);

    /** Removes a user's private chats, and what they said in others; whoever loads meanwhile does so in vain. */
    long forget(long user);
}
