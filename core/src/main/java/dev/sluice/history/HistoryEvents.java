package dev.sluice.history;

/** Hears what is read and appended. Must not fail or block; called by many threads. */
public interface HistoryEvents {
    HistoryEvents NONE = new HistoryEvents() {};

    /** @param found whether the history was there, if only that nothing was said; otherwise it had to be loaded, or nothing is known */
    default void read(boolean found) {}

    /** @param added how many were new, of those that were brought */
    default void appended(int added, int duplicates) {}

    /** @param answered whether the store did */
    default void loaded(boolean answered) {}

    /** Redis did not answer: it went on in this process. */
    default void unavailable() {}

    /** Entries that waited here for Redis to come back, and for which there is no more room. */
    default void dropped(int entries) {}
}
