package dev.sluice.simulator;

/**
 * Something that happened to a bot.
 *
 * @param type the field of the Update object, such as {@code message}
 * @param lane the chat or user within which webhook deliveries keep their order
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Update(long id, String type, long lane, byte[] json, long bornNanos) {}
