package dev.sluice.queue;

import dev.sluice.redis.KeyPart;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * How an attempt ended. A reason is a class of reasons, 1-32 of {@code a-z 0-9 _ -}, such as {@code refused-403}: what
 * dead letters are filtered by. Never a text.
 */
public sealed interface Ending {
    Duration LONGEST_PAUSE = Duration.ofDays(1);

    /**
     * Telegram has it.
     *
     * @param result what is told to those who ask, up to {@link #MAX_RESULT} bytes
     */
    record Sent(byte[] result) implements Ending {
        public static final int MAX_RESULT = 1 << 20;

        public Sent {
            if (result.length > MAX_RESULT) {
                throw new IllegalArgumentException("a result is at most 1 MiB, not " + result.length + " bytes");
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Sent sent && Arrays.equals(sent.result, result);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(result);
        }

        @Override
        public String toString() {
            return "Sent[" + result.length + " bytes]";
        }
    }

    /** Telegram refused it for good: a dead letter, {@link FailureClass#REFUSED}. */
    record Refused(String reason) implements Ending {
        public Refused {
            requireReason(reason);
        }
    }

    /** It must not be sent, and nobody needs to look at it: {@link FailureClass#SUPPRESSED}. */
    record Suppressed(String reason) implements Ending {
        public Suppressed {
            requireReason(reason);
        }
    }

    /**
     * It was not sent and may be tried again. It holds its lane until then; after the last attempt it is a dead letter,
     * {@link FailureClass#EXHAUSTED}.
     *
     * @param after more than zero, up to {@link #LONGEST_PAUSE}; empty: as the {@link RetryPolicy} says
     */
    record Retry(String reason, Optional<Duration> after) implements Ending {
        public Retry {
            requireReason(reason);
            after.ifPresent(Ending::requirePause);
        }

        public Retry(String reason) {
            this(reason, Optional.empty());
        }
    }

    /**
     * Telegram said 429. The chat is parked, and the bot if several chats are told so at once; a message without a chat
     * parks the bot. The message goes back to its place, and the attempt does not count.
     *
     * @param retryAfter more than zero; cut to the longest park
     */
    record Flooded(Duration retryAfter) implements Ending {
        public Flooded {
            retryAfter = retryAfter.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : retryAfter;
            requirePause(retryAfter);
        }
    }

    /** No byte was written. The message goes back to its place at once, and the attempt does not count. */
    record NotSent() implements Ending {}

    /**
     * Bytes were written and no answer came. {@link MessageState#UNKNOWN}, or another attempt if the policy is
     * {@link DeliveryPolicy#AT_LEAST_ONCE} and attempts are left.
     */
    record Unanswered(String reason) implements Ending {
        public Unanswered {
            requireReason(reason);
        }
    }

    private static void requireReason(String reason) {
        KeyPart.SCOPE.require("class of reasons", reason);
    }

    private static void requirePause(Duration pause) {
        if (!pause.isPositive() || pause.compareTo(LONGEST_PAUSE) > 0) {
            throw new IllegalArgumentException(
                    "a pause must be more than zero, up to " + LONGEST_PAUSE + ", not " + pause);
        }
    }
}
