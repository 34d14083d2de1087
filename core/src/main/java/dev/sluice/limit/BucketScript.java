package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How {@code buckets.lua} is called and answered, for the scripts of this package and for those that decide more in the
 * same step.
 */
public final class BucketScript {
    /** What a bucket is; the other libraries come after it. */
    public static final Part BUCKETS = new Part(BucketScript.class, "buckets.lua");

    /** What a script needs to decide and charge. */
    public static final Part DECISION = new Part(BucketScript.class, "decision.lua");

    /** After {@link #DECISION}: what a script needs to decide where limits may be in shadow mode. */
    public static final Part SHADOW = new Part(BucketScript.class, "shadow.lua");

    /** What a script needs to park and postpone. */
    public static final Part CORRECTIONS = new Part(BucketScript.class, "corrections.lua");

    /** After {@link #CORRECTIONS}: what a script needs to spread Telegram's 429. */
    public static final Part FLOODS = new Part(BucketScript.class, "floods.lua");

    /** After {@link #FLOODS}: what a script needs to learn from it. */
    public static final Part LEARNING = new Part(BucketScript.class, "learning.lua");

    private static final int HEAD_BYTES = 8 + 1;
    static final int LIMIT_BYTES = 1 + Integer.BYTES + Double.BYTES;
    private static final int CHARGE_BYTES = LIMIT_BYTES + Integer.BYTES;

    /** How many values {@code bucket_deny} answers. */
    private static final int DENIAL_VALUES = 5;

    private BucketScript() {}

    /** The keys of an acquisition's buckets, in the order of its charges. */
    public static List<String> keys(Acquisition acquisition, KeySpace keys) {
        var names = new ArrayList<String>(acquisition.charges().size());
        for (Charge charge : acquisition.charges()) {
            names.add(charge.bucket().key(keys));
        }
        return names;
    }

    /** The key of one bucket. */
    public static String key(Bucket bucket, KeySpace keys) {
        return bucket.key(keys);
    }

    /** Which part of Redis the buckets of a tag lie on. */
    public static UnaryOperator<String> partOf(ScriptRunner redis, KeySpace keys) {
        return tag -> redis.shardOf(List.of(keys.key("rate_limit", tag, "")));
    }

    /** What is asked, as {@code bucket_decide} takes it: one argument, since each costs Redis more than what it says. */
    public static byte[] argument(Acquisition acquisition) {
        int length = HEAD_BYTES + acquisition.charges().size() * CHARGE_BYTES;
        byte[] asked = new byte[acquisition.cameAgo().isPresent() ? length + 2 * Double.BYTES : length];
        var out = ByteBuffer.wrap(asked).order(ByteOrder.LITTLE_ENDIAN);
        acquisition.waiter().ifPresent(waiter -> out.put(0, ascii(waiter.process())));
        out.position(HEAD_BYTES - 1).put(enforcement(acquisition));
        for (Charge charge : acquisition.charges()) {
            put(charge.limit(), charge.weight(), out);
        }
        acquisition
                .cameAgo()
                .ifPresent(ago -> out.putDouble(Microseconds.of(ago)).putDouble(Microseconds.of(acquisition.stays())));
        return asked;
    }

    private static byte enforcement(Acquisition acquisition) {
        return switch (acquisition.enforcement()) {
            case ENFORCED -> 0;
            case OVERDRAWN -> 1;
            case SHADOWED -> 2;
        };
    }

    /** The same for nobody's question about one limit. */
    static byte[] argument(Limit limit) {
        byte[] asked = new byte[HEAD_BYTES + CHARGE_BYTES];
        put(limit, 1, ByteBuffer.wrap(asked).order(ByteOrder.LITTLE_ENDIAN).position(HEAD_BYTES));
        return asked;
    }

    /**
     * A bot's limits, for a script that finds out by itself whom it asks for: bot, paid, chat, group, user, replies; of each B
     * kind, I4 capacity, d span, all zeros if there is none; then B 1 if they are in shadow mode.
     */
    public static byte[] argument(TelegramLimits limits) {
        var out = ByteBuffer.allocate(6 * LIMIT_BYTES + 1).order(ByteOrder.LITTLE_ENDIAN);
        put(limits.bot(), out);
        put(limits.paid(), out);
        put(limits.chat(), out);
        put(limits.group(), out);
        limits.user().ifPresent(limit -> put(limit, out));
        out.position(5 * LIMIT_BYTES);
        limits.replies().ifPresent(limit -> put(limit, out));
        out.put(6 * LIMIT_BYTES, (byte) (limits.shadow() ? 1 : 0));
        return out.array();
    }

    private static void put(Limit limit, int weight, ByteBuffer out) {
        put(limit, out);
        out.putInt(weight);
    }

    static void put(Limit limit, ByteBuffer out) {
        out.put((byte) (limit instanceof Limit.StrictWindow ? 'W' : 'G'))
                .putInt(limit.capacity())
                .putDouble(Microseconds.span(limit));
    }

    /**
     * Reads {@code bucket_charge}'s, {@code bucket_pass}'s or {@code bucket_deny}'s reply, which begins at {@code offset} and ends the script's reply; after
     * a denial how many queued messages go first may follow.
     */
    public static Decision decision(Acquisition acquisition, ScriptReply reply, int offset) {
        return switch (single(acquisition, reply, offset)) {
            case Allowed allowed -> allowed;
            case Denied denied ->
                reply.size() > offset + DENIAL_VALUES
                        ? new Denied(denied.bucket(), denied.cause(), denied.retryAfter(), denied.remaining(), (int)
                                reply.number(offset + DENIAL_VALUES))
                        : denied;
        };
    }

    /** The same, whatever comes after it. */
    static Decision single(Acquisition acquisition, ScriptReply reply, int offset) {
        List<Charge> charges = acquisition.charges();
        if (reply.number(offset) == 1) {
            var remaining = new ArrayList<Integer>(charges.size());
            for (int i = 0; i < charges.size(); i++) {
                remaining.add((int) reply.number(offset + 2 + i));
            }
            return new Allowed(reply.number(offset + 1), remaining);
        }
        if (reply.number(offset) == 2) {
            Charge limiting = acquisition.charges().get((int) reply.number(offset + 2) - 1);
            return new Allowed(reply.number(offset + 1), List.of(), Optional.of(limiting.bucket()));
        }
        int position = (int) reply.number(offset + 1);
        return new Denied(
                charges.get(position - 1).bucket(),
                Cause.valueOf(reply.text(offset + 2)),
                Microseconds.duration(reply.number(offset + 3)),
                (int) reply.number(offset + 4));
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
