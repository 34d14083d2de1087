package dev.sluice.broadcast;

import java.util.List;

/** Checks what both backends are asked. */
final class FeedCheck {
    private FeedCheck() {}

    static void require(List<Feeding> recipients) {
        if (recipients.isEmpty() || recipients.size() > BroadcastStore.MOST_FED) {
            throw new IllegalArgumentException(
                    "a step feeds 1 to " + BroadcastStore.MOST_FED + " recipients, not " + recipients.size());
        }
        int before = -1;
        for (Feeding feeding : recipients) {
            if (feeding.recipient() <= before) {
                throw new IllegalArgumentException("recipients must ascend");
            }
            before = feeding.recipient();
        }
        if (before / BroadcastStore.CHUNK != recipients.getFirst().recipient() / BroadcastStore.CHUNK) {
            throw new IllegalArgumentException("recipients must be of one chunk");
        }
    }

    static void requireRead(int from, int most) {
        if (from < 0 || most < 1 || most > BroadcastStore.MOST_READ) {
            throw new IllegalArgumentException(
                    "1 to " + BroadcastStore.MOST_READ + " outcomes are read at once, not " + most + " from " + from);
        }
    }
}
