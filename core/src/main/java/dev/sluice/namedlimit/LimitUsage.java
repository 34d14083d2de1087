package dev.sluice.namedlimit;

import java.time.Duration;

/**
 * What is used of a limit, by one subject or over all, at one moment by the store's clock.
 *
 * @param limit what holds
 * @param used the weight that still counts
 * @param remaining how many of weight 1 would pass now
 * @param resetsIn until all of it is free again; zero if it is
 */
public record LimitUsage(NamedLimit limit, int used, int remaining, Duration resetsIn) {}
