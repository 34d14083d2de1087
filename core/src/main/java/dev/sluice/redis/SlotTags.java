package dev.sluice.redis;

import io.lettuce.core.cluster.SlotHash;

/** For each Cluster slot a hash tag that leads there: the lowest number that does. */
final class SlotTags {
    private static final String[] BY_SLOT = bySlot();

    private SlotTags() {}

    static String of(int slot) {
        return BY_SLOT[slot];
    }

    private static String[] bySlot() {
        var tags = new String[SlotHash.SLOT_COUNT];
        int missing = tags.length;
        for (int number = 0; missing > 0; number++) {
            String tag = Integer.toString(number);
            int slot = SlotHash.getSlot(tag);
            if (tags[slot] == null) {
                tags[slot] = tag;
                missing--;
            }
        }
        return tags;
    }
}
