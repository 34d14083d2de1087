package dev.sluice.queue;

/** The end of one lease. */
public record Settlement(Lease lease, Ending ending) {}
