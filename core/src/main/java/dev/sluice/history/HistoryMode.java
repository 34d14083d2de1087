package dev.sluice.history;

/** Where histories are kept. */
public enum HistoryMode {
    /** In Redis. */
    REDIS,
    /** In each process' own memory. */
    LOCAL,
    /** Nowhere: each read loads from the store. */
    OFF
}
