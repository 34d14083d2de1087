package dev.sluice.idempotency;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * How a claim and a settlement are written to and read from a Redis script: for the guard's own steps and for those of
 * other features that decide a claim together with something else. The functions are explained in {@code claims.lua}.
 */
public final class ClaimScript {
    /** What the names of claims' records begin with. */
    public static final String FAMILY = "idempotency";

    /** The Lua library to put in front of a step that claims; its functions are named {@code claim_...}. */
    public static final Script.Part LIBRARY = part("claims.lua");

    /** What comes after {@link #LIBRARY} in front of a step that settles. */
    public static final Script.Part SETTLEMENT = part("settlement.lua");

    /** Fingerprint, lease, keep, holder. */
    private static final int REQUEST_BYTES = 32 + Double.BYTES + Double.BYTES + Long.BYTES;

    /** How many arguments {@link #arguments(Fence, Settlement)} gives. */
    public static final int SETTLEMENT_ARGUMENTS = 4;

    /** How many values of a reply {@link #claim} reads. */
    public static final int CLAIM_VALUES = 2;

    private static final String NO_DIGEST = "0".repeat(32);

    private ClaimScript() {}

    /** What the names of a tag's records start with, for steps that make them of digests themselves. */
    public static String prefix(String tag, KeySpace keys) {
        return new IdempotencyKey(tag, NO_DIGEST).key(keys).replace(NO_DIGEST, "");
    }

    /**
     * What {@code claim_evaluate} says of a key.
     *
     * @param word any but {@code new}
     */
    public static KeyStanding standing(String word) {
        return switch (word) {
            case "processing" -> KeyStanding.PROCESSING;
            case "completed", "handover" -> KeyStanding.COMPLETED;
            case "failed" -> KeyStanding.FAILED;
            case "unknown", "abandoned" -> KeyStanding.UNKNOWN;
            case "mismatch" -> KeyStanding.MISMATCH;
            default -> throw new IllegalStateException("no claim stands as " + word);
        };
    }

    static Script.Part part(String file) {
        return new Script.Part(ClaimScript.class, file);
    }

    /** What the library calls a {@code CLAIM_REQUEST}. */
    public static byte[] argument(ClaimRequest request) {
        byte[] asked = new byte[REQUEST_BYTES];
        ByteBuffer.wrap(asked)
                .put(HexFormat.of().parseHex(request.fingerprint().hex()))
                .putDouble(Spans.micros(request.lease()))
                .putDouble(Spans.keepMicros(request.abandoned()))
                .putLong(request.holder());
        return asked;
    }

    /** Holder as 8 bytes. */
    static byte[] holder(ClaimRequest request) {
        return ByteBuffer.allocate(Long.BYTES).putLong(request.holder()).array();
    }

    /** Fence; action ({@code C F H U R}); result; keep in microseconds. */
    public static List<byte[]> arguments(Fence fence, Settlement settlement) {
        var ending = Ending.of(settlement);
        return List.of(
                number(fence.number()),
                text(ending.kind().letter()),
                ending.result().bytes(),
                number(ending.keepMicros()));
    }

    /** Fence; lease in microseconds from now. */
    public static List<byte[]> arguments(Fence fence, Duration lease) {
        Spans.requireLease(lease);
        return List.of(number(fence.number()), number(Spans.micros(lease)));
    }

    /**
     * Reads the word and payload that {@code claim_open} or {@code claim_take} gave.
     *
     * @param at where the word stands in the reply; the payload follows
     * @param key what was claimed
     */
    public static Claim claim(ScriptReply reply, int at, IdempotencyKey key) {
        String word = reply.text(at);
        return switch (word) {
            case "new" -> new Claim.New(new Fence(key, reply.number(at + 1)));
            case "processing" -> new Claim.Processing(Spans.ofMicros(reply.number(at + 1)));
            case "completed" -> new Claim.Completed(new StoredResult(reply.bytes(at + 1)));
            case "failed" -> new Claim.Failed(new StoredResult(reply.bytes(at + 1)));
            case "unknown" -> new Claim.Unknown();
            case "mismatch" -> new Claim.Mismatch();
            default ->
                throw new IllegalStateException("script " + reply.script() + " answered an unknown claim: " + word);
        };
    }

    private static byte[] number(long value) {
        return text(Long.toString(value));
    }

    private static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
