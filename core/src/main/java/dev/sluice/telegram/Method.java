package dev.sluice.telegram;

import java.util.Locale;
import java.util.Set;

/**
 * A Bot API method by its name, in any case. Unknown and future methods are methods like any other: what is not known to
 * be metered passes straight through.
 *
 * @param name as the caller wrote it
 */
public record Method(String name) {
    private static final Set<String> UNMETERED_SENDS = Set.of("sendchataction");
    private static final Set<String> REPEATABLE_PREFIXES = Set.of("get", "delete");

    public Method {
        if (name.isBlank()) {
            throw new IllegalArgumentException("method name is empty");
        }
    }

    /** The name in lower case: what two spellings of one method share. */
    public String canonical() {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Whether Telegram counts it against the send limits: send*, copy*, forward*, edit*, but not sendChatAction. */
    public boolean isMetered() {
        String method = canonical();
        return !UNMETERED_SENDS.contains(method)
                && (method.startsWith("send")
                        || method.startsWith("copy")
                        || method.startsWith("forward")
                        || method.startsWith("edit"));
    }

    /** Whether doing it twice leaves the same state as once: reads, deletes, and edits to a fixed state. */
    public boolean isRepeatable() {
        String method = canonical();
        return method.startsWith("edit") || REPEATABLE_PREFIXES.stream().anyMatch(method::startsWith);
    }

    @Override
    public String toString() {
        return name;
    }
}
