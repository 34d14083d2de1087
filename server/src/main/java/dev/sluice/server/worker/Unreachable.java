package dev.sluice.server.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.delivery.Reply;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Telegram's words for chats that no message will reach, whatever it says. */
final class Unreachable {
    /** Telegram tells them apart by text alone. */
    private static final Map<String, String> REASONS = Map.of(
            "bot was blocked by the user", "blocked",
            "user is deactivated", "deactivated",
            "chat not found", "chat-not-found",
            "bot can't initiate conversation", "never-started",
            "bot was kicked from", "kicked");

    private Unreachable() {}

    /** Which it is; empty if this refusal is about something else. */
    static Optional<String> reason(Reply reply) {
        if (reply.status() != 400 && reply.status() != 403) {
            return Optional.empty();
        }
        String text = new String(reply.body(), UTF_8).toLowerCase(Locale.ROOT);
        return REASONS.entrySet().stream()
                .filter(known -> text.contains(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
