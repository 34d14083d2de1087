package dev.sluice.queue;

import java.util.OptionalLong;

/**
 * One step of a change to all that match.
 *
 * @param changed how many were changed
 * @param next where to go on; empty at the end
 */
public record Swept(long changed, OptionalLong next) {}
