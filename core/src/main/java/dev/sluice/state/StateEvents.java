package dev.sluice.state;

/** Hears what is read and written. Must not fail or block; called by many threads. */
public interface StateEvents {
    StateEvents NONE = new StateEvents() {};

    /** What became of a write. */
    enum Answer {
        CHANGED,
        /** It stood otherwise than the caller expected. */
        UNEXPECTED,
        /** Somebody with a greater fence has written before. */
        OVERTAKEN,
        /** There was no room. */
        REFUSED
    }

    /** @param found whether there was anything */
    default void read(boolean found) {}

    default void written(Answer answer) {}

    /** The store did not answer. */
    default void unavailable() {}
}
