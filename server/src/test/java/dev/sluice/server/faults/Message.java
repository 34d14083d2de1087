package dev.sluice.server.faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One text for one chat.
 *
 * @param patience how long its caller lets it wait for its turn; of one that is queued, before it is
 */
record Message(long chat, String text, Optional<String> key, Duration patience, boolean queued) {
    static Message of(long chat, String text) {
        return new Message(chat, text, Optional.empty(), Duration.ofSeconds(2), false);
    }

    Message keyed(String newKey) {
        return new Message(chat, text, Optional.of(newKey), patience, queued);
    }

    Message waiting(Duration newPatience) {
        return new Message(chat, text, key, newPatience, queued);
    }

    /** The same, queued if its turn does not come within that time. */
    Message queuedAfter(Duration newPatience) {
        return new Message(chat, text, key, newPatience, true);
    }

    Map<String, String> headers() {
        var headers = new HashMap<String, String>();
        if (queued) {
            headers.put("Prefer", "respond-async, wait=" + patience.toSeconds());
        } else {
            headers.put("X-Sluice-Max-Wait", Double.toString(patience.toMillis() / 1e3));
        }
        key.ifPresent(value -> headers.put("Idempotency-Key", value));
        return headers;
    }
}
