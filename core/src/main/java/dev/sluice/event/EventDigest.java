package dev.sluice.event;

import dev.sluice.redis.KeyDigest;
import dev.sluice.redis.KeyPart;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An id as it is kept: half of its SHA-256, so that neither names nor text reach the store. Two of a billion ids meet by chance once in 10^21
 * such streams.
 */
record EventDigest(long high, long low) {
    static EventDigest of(String eventId) {
        var digest = ByteBuffer.wrap(KeyDigest.of(eventId));
        return new EventDigest(digest.getLong(), digest.getLong());
    }

    /** @throws IllegalArgumentException if the stream or one of the ids is none, or there are too many */
    static List<EventDigest> of(String stream, List<String> eventIds) {
        KeyPart.TAG.require("event stream", stream);
        if (eventIds.size() > EventDeduplicator.LARGEST_BATCH) {
            throw new IllegalArgumentException(
                    "a batch must be at most " + EventDeduplicator.LARGEST_BATCH + " ids, not " + eventIds.size());
        }
        return eventIds.stream()
                .map(eventId -> {
                    int length = eventId.codePointCount(0, eventId.length());
                    if (length < 1 || length > EventDeduplicator.LONGEST_ID) {
                        throw new IllegalArgumentException("an event's id must be 1 to " + EventDeduplicator.LONGEST_ID
                                + " characters, not " + length);
                    }
                    return of(eventId);
                })
                .toList();
    }

    static byte[] packed(List<EventDigest> digests) {
        var packed = ByteBuffer.allocate(digests.size() * KeyDigest.BYTES);
        digests.forEach(digest -> packed.putLong(digest.high()).putLong(digest.low()));
        return packed.array();
    }
}
