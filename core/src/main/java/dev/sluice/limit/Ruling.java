package dev.sluice.limit;

/** What came of one try at passing the limits. */
public sealed interface Ruling<T> {
    /** It is decided: there is nothing more to wait for. */
    record Decided<T>(T value) implements Ruling<T> {}

    /** Not now. */
    record NotYet<T>(Decision.Denied denial) implements Ruling<T> {}
}
