package dev.sluice.limit;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptReply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How {@code bucket_told} of {@code learning.lua} is called and answered, for the scripts that settle what was told 429. */
public final class FloodScript {
    private static final byte[] NOTHING = {};
    private static final byte[] NO_LIMIT = new byte[BucketScript.LIMIT_BYTES];

    private FloodScript() {}

    /** The keys, in order. */
    public static List<String> keys(Flood flood, KeySpace keys) {
        var names = new ArrayList<String>(5);
        names.add(flood.parked().key(keys));
        names.add(flood.ofAllChats().key(keys));
        names.add(Floods.key(flood.ofAllChats(), keys));
        flood.ofAll().ifPresent(charge -> {
            names.add(charge.bucket().key(keys));
            flood.own("group").ifPresent(group -> names.add(group.bucket().key(keys)));
        });
        return names;
    }

    /** Microseconds to park, the chat's name, how long a flood counts, how many park the bot, the lesson. */
    public static List<byte[]> arguments(Flood flood) {
        return List.of(
                number(Microseconds.of(flood.retryAfter())),
                BucketScript.ascii(flood.name()),
                number(Microseconds.of(Floods.COUNT_FOR)),
                number(Floods.THAT_PARK_THE_BOT),
                lesson(flood));
    }

    private static byte[] lesson(Flood flood) {
        if (flood.ofAll().isEmpty()) {
            return NOTHING;
        }
        var out = ByteBuffer.allocate(Double.BYTES + 3 * BucketScript.LIMIT_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(flood.admittedAt());
        for (Optional<Charge> charge : List.of(flood.ofAll(), flood.own("chat"), flood.own("group"))) {
            charge.ifPresentOrElse(known -> BucketScript.put(known.limit(), out), () -> out.put(NO_LIMIT));
        }
        return out.array();
    }

    /** What the reply says from {@code at} on. */
    public static Floods.Told told(Flood flood, ScriptReply reply, int at) {
        Optional<Charge> lowered = switch ((int) reply.number(at + 1)) {
            case 1 -> flood.ofAll();
            case 2 -> flood.own("chat");
            case 3 -> flood.own("group");
            default -> Optional.empty();
        };
        return new Floods.Told(reply.number(at) == 1, lowered.map(Charge::bucket));
    }

    private static byte[] number(long value) {
        return BucketScript.ascii(Long.toString(value));
    }
}
