package dev.sluice.server.faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One text for one chat.
 *
 * @param patience how long its caller lets it wait for its turn
 */
record Message(long chat, String text, Optional<String> key, Duration patience) {
    static Message of(long chat, String text) {
        return new Message(chat, text, Optional.empty(), Duration.ofSeconds(2));
    }

    Message keyed(String newKey) {
        return new Message(chat, text, Optional.of(newKey), patience);
    }

    Message waiting(Duration newPatience) {
        return new Message(chat, text, key, newPatience);
    }

    Map<String, String> headers() {
        var headers = new HashMap<String, String>();
        headers.put("X-Sluice-Max-Wait", Double.toString(patience.toMillis() / 1e3));
        key.ifPresent(value -> headers.put("Idempotency-Key", value));
        return headers;
    }
}
