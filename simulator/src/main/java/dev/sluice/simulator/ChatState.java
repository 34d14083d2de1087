package dev.sluice.simulator;

/** Whether a bot can reach a chat, and what it is told if not. */
public sealed interface ChatState {
    /** Receives messages. */
    record Reachable() implements ChatState {}

    /** 403 bot was blocked by the user. */
    record Blocked() implements ChatState {}

    /** 403 user is deactivated. */
    record Deactivated() implements ChatState {}

    /** 403 bot was kicked from the group (or supergroup, or channel) chat. */
    record Kicked() implements ChatState {}

    /** 400 chat not found. */
    record NotFound() implements ChatState {}

    /** 400 with {@code migrate_to_chat_id}; the new chat receives messages. */
    record Migrated(long toChat) implements ChatState {}

    /** Every call is answered with 429. */
    record Flooded(int retryAfter) implements ChatState {
        public Flooded {
            if (retryAfter < 1) {
                throw new IllegalArgumentException("retryAfter is 1 or more, not " + retryAfter);
            }
        }
    }

    /** Every call is answered with 500, or with 502 and an HTML body. */
    record Broken(boolean html) implements ChatState {}
}
