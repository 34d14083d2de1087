package dev.sluice.idempotency;

import java.time.Duration;

/** A settlement, flat: what both backends keep of it. */
record Ending(Kind kind, StoredResult result, long keepMicros) {
    private static final StoredResult NOTHING = new StoredResult(new byte[0]);

    /** Named by its letter in {@code claims.lua}. */
    enum Kind {
        COMPLETED("C"),
        FAILED("F"),
        HAND_OVER("H"),
        UNKNOWN("U"),
        RELEASED("R");

        private final String letter;

        Kind(String letter) {
            this.letter = letter;
        }

        String letter() {
            return letter;
        }
    }

    static Ending of(Settlement settlement) {
        return switch (settlement) {
            case Settlement.Complete(StoredResult result, Duration keep) ->
                new Ending(Kind.COMPLETED, result, Spans.micros(keep));
            case Settlement.Fail(StoredResult result, Duration keep) ->
                new Ending(Kind.FAILED, result, Spans.micros(keep));
            case Settlement.HandOver(StoredResult result, Duration keep) ->
                new Ending(Kind.HAND_OVER, result, Spans.micros(keep));
            case Settlement.MarkUnknown(Duration keep) -> unknown(Spans.micros(keep));
            case Settlement.Release() -> new Ending(Kind.RELEASED, NOTHING, 0);
        };
    }

    /** What an abandoned claim that must not be repeated becomes. */
    static Ending unknown(long keepMicros) {
        return new Ending(Kind.UNKNOWN, NOTHING, keepMicros);
    }

    /** What a twin is told. */
    Claim answer() {
        return switch (kind) {
            case COMPLETED, HAND_OVER -> new Claim.Completed(result);
            case FAILED -> new Claim.Failed(result);
            case UNKNOWN -> new Claim.Unknown();
            case RELEASED -> throw new IllegalStateException("a released claim leaves no record to answer from");
        };
    }

    /** The same without the result. */
    KeyStanding standing() {
        return switch (kind) {
            case COMPLETED, HAND_OVER -> KeyStanding.COMPLETED;
            case FAILED -> KeyStanding.FAILED;
            case UNKNOWN -> KeyStanding.UNKNOWN;
            case RELEASED -> throw new IllegalStateException("a released claim leaves no record that stands");
        };
    }

    /** Whether it takes back what waits to be handed over. */
    boolean revokes(Ending earlier) {
        return kind == Kind.RELEASED && earlier.kind == Kind.HAND_OVER;
    }

    /** Whether it is the same settlement, sent again. */
    boolean repeats(Ending earlier) {
        return kind == earlier.kind && result.equals(earlier.result);
    }
}
