package dev.sluice.session;

/** What became of a write. */
public sealed interface SessionAnswer {
    /** @param version that it has now */
    record Changed(long version) implements SessionAnswer {}

    /** The version was not the one expected; nothing was changed. */
    record Unexpected(long version) implements SessionAnswer {}
}
