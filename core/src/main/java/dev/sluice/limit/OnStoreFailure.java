package dev.sluice.limit;

/** What a limiter does while its store cannot be asked. */
public enum OnStoreFailure {
    /** Goes on at this replica's share. */
    LOCAL,
    /** Lets everything through but what is parked. */
    OPEN,
    /** Refuses to decide: the failure is thrown on. */
    CLOSED
}
