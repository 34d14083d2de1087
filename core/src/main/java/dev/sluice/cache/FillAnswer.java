package dev.sluice.cache;

/** What became of what the holder of a {@link FillLease} said. */
public enum FillAnswer {
    /** It was done. */
    DONE,
    /** Nothing was done: the lease is over, or something newer was written or forgotten. */
    REFUSED,
    /** Redis did not say. */
    UNKNOWN
}
