package dev.sluice.queue;

import dev.sluice.redis.KeyPart;
import java.time.Duration;

/** What became of a try to tell a message's end. A reason is a class of reasons, as in {@link Ending}. */
public sealed interface Telling {
    /** It was heard. */
    record Told() implements Telling {}

    /** Nobody wants to hear it; it is not tried again. */
    record GivenUp(String reason) implements Telling {
        public GivenUp {
            KeyPart.SCOPE.require("class of reasons", reason);
        }
    }

    /**
     * It was not heard, and is tried again.
     *
     * @param after zero to {@link Callbacks#LIFE}
     */
    record Again(String reason, Duration after) implements Telling {
        public Again {
            requirePause(reason, after);
        }
    }

    /** The same, but nobody tried: its receiver is busy, say. */
    record NotTried(String reason, Duration after) implements Telling {
        public NotTried {
            requirePause(reason, after);
        }
    }

    private static void requirePause(String reason, Duration after) {
        KeyPart.SCOPE.require("class of reasons", reason);
        if (after.isNegative() || after.compareTo(Callbacks.LIFE) > 0) {
            throw new IllegalArgumentException("a pause must be zero to " + Callbacks.LIFE + ", not " + after);
        }
    }
}
