package dev.sluice.broadcast;

/**
 * What a step of feeding did.
 *
 * @param queued how many messages were enqueued
 * @param passed how many recipients came to an outcome at once: skipped, or unreadable
 * @param full whether the bot's queue had no room for more
 */
public record Fed(int queued, int passed, boolean full) {}
