package dev.sluice.queue;

/**
 * The right to settle a message.
 *
 * @param id which message
 * @param fence greater than that of every earlier lease of the bot
 */
public record Lease(MessageId id, long fence) {}
