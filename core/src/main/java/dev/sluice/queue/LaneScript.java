package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script.Part;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How {@code ahead.lua} is called, for scripts of other features that keep the order of a chat's lane. */
public final class LaneScript {
    /** What a script needs to see what goes before a call; comes after the buckets' library. */
    public static final Part AHEAD = new Part(LaneScript.class, "ahead.lua");

    private LaneScript() {}

    /** The key of the lane. */
    public static String key(LanePlace place, KeySpace keys) {
        return keys.key(
                QueueScripts.FAMILY, place.chat().tag(), "lane:" + place.chat().subject());
    }

    /** B rank, B {@code position}, d how long ago it came in microseconds; the lane's name. */
    public static byte[] argument(LanePlace place, int position) {
        byte[] lane = MessageRecord.ascii(place.chat().subject());
        return ByteBuffer.allocate(2 + Double.BYTES + lane.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) MessageRecord.rank(place.priority()))
                .put((byte) position)
                .putDouble(MessageRecord.micros(place.waited()))
                .put(lane)
                .array();
    }
}
