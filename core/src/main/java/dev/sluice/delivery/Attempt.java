package dev.sluice.delivery;

/** What one try at the upstream came to. */
public sealed interface Attempt {
    /** It answered, whatever it said. */
    record Answered(Reply reply) implements Attempt {}

    /** Not a byte was written: it cannot have happened. {@code reason} is a short word such as {@code connect}. */
    record NotReached(String reason) implements Attempt {}

    /** Bytes were written and no whole answer came: it may have happened. */
    record Unanswered(String reason) implements Attempt {}
}
