package dev.sluice.broadcast;

/** What became of a draft. */
public sealed interface Started {
    /** It runs. */
    record Running(BroadcastId id) implements Started {}

    /** Its key was used for the same content before: it is that broadcast. The draft is gone. */
    record Known(BroadcastId id) implements Started {}

    /** Its key was used for other content. The draft is gone. */
    record Mismatch(BroadcastId id) implements Started {}

    /** The bot has as many unfinished ones as it may. The draft is gone. */
    record TooMany(int most) implements Started {}

    /** There is no such draft, or no more. */
    record Lost() implements Started {}
}
