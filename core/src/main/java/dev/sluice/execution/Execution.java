package dev.sluice.execution;

import java.time.Duration;

/**
 * What came of a wish to have something done once.
 *
 * @param <T> what the work returns
 */
public sealed interface Execution<T> {
    /**
     * This caller did it.
     *
     * @param kept whether repeats will get the result; false if it is too long, the store was away, or the claim had passed to
     *     somebody else meanwhile
     */
    record Ran<T>(T value, boolean kept) implements Execution<T> {}

    /** Somebody else did it; this is the result. */
    record Replayed<T>(T value) implements Execution<T> {}

    /** Somebody else did it; the result was not kept, or cannot be read here. */
    record Done<T>() implements Execution<T> {}

    /** This caller tried, and the work threw. */
    record Failed<T>(Exception cause, AfterFailure after) implements Execution<T> {}

    /** Somebody else tried, it failed, and is not to be tried again. */
    record FailedBefore<T>(String reason) implements Execution<T> {}

    /**
     * Somebody else is at it, and was not done within the wait.
     *
     * @param leaseRemaining how long they still have without a sign of life
     */
    record InProgress<T>(Duration leaseRemaining) implements Execution<T> {}

    /** It may have been done; nobody knows, and it is not done again. */
    record Unknown<T>() implements Execution<T> {}

    /** The key was used for other content. */
    record Mismatch<T>() implements Execution<T> {}

    /** Whether a repeat was kept from being done again. */
    default boolean isDuplicatePrevented() {
        return switch (this) {
            case Ran<T> ran -> false;
            case Failed<T> failed -> false;
            case Mismatch<T> mismatch -> false;
            case Replayed<T> replayed -> true;
            case Done<T> done -> true;
            case FailedBefore<T> before -> true;
            case InProgress<T> twin -> true;
            case Unknown<T> unknown -> true;
        };
    }

    /** Whether a repeat was told the outcome of the first call, which it needed not make. */
    default boolean isCallSaved() {
        return switch (this) {
            case Replayed<T> replayed -> true;
            case Done<T> done -> true;
            case FailedBefore<T> before -> true;
            case Ran<T> ran -> false;
            case Failed<T> failed -> false;
            case Mismatch<T> mismatch -> false;
            case InProgress<T> twin -> false;
            case Unknown<T> unknown -> false;
        };
    }
}
