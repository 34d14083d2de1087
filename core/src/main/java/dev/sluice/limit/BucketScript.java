package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How {@code buckets.lua} is called and answered, for the scripts of this package and for those that decide more in the
 * same step.
 */
public final class BucketScript {
    /** The library of local functions that a script needs before it can call {@code bucket_decide}. */
    public static final Part LIBRARY = new Part(BucketScript.class, "buckets.lua");

    private static final byte[] NOBODY = {};

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

    /** Appends process, overdraft, and per charge kind, capacity, span and weight. */
    public static void appendArguments(Acquisition acquisition, List<byte[]> args) {
        args.add(acquisition.waiter().map(waiter -> ascii(waiter.process())).orElse(NOBODY));
        args.add(ascii(acquisition.overdraft() ? "1" : "0"));
        appendCharges(acquisition, args);
    }

    static void appendCharges(Acquisition acquisition, List<byte[]> args) {
        for (Charge charge : acquisition.charges()) {
            appendLimit(charge.limit(), args);
            args.add(ascii(Integer.toString(charge.weight())));
        }
    }

    static void appendLimit(Limit limit, List<byte[]> args) {
        args.add(ascii(limit instanceof Limit.StrictWindow ? "W" : "G"));
        args.add(ascii(Integer.toString(limit.capacity())));
        args.add(ascii(Long.toString(Microseconds.span(limit))));
    }

    /** Reads {@code bucket_commit}'s reply, which begins at {@code offset} and ends the script's reply. */
    public static Decision decision(Acquisition acquisition, ScriptReply reply, int offset) {
        if (reply.number(offset) == 1) {
            var remaining = new ArrayList<Integer>(reply.size() - offset - 2);
            for (int i = offset + 2; i < reply.size(); i++) {
                remaining.add((int) reply.number(i));
            }
            return new Allowed(reply.number(offset + 1), remaining);
        }
        int position = (int) reply.number(offset + 1);
        return new Denied(
                acquisition.charges().get(position - 1).bucket(),
                Cause.valueOf(reply.text(offset + 2)),
                Microseconds.duration(reply.number(offset + 3)),
                (int) reply.number(offset + 4));
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
