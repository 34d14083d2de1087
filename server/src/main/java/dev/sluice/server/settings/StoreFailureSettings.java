package dev.sluice.server.settings;

import java.util.List;

/**
 * What each guard does while the store is down.
 *
 * @param limits the limits of messages
 * @param keyed sends with an idempotency key
 * @param unkeyed sends without one
 * @param budgets the messages that users have
 */
public record StoreFailureSettings(Policy limits, Policy keyed, Policy unkeyed, Policy budgets) {
    /** What a guard does without its store. */
    public enum Policy {
        /** Goes on with this replica's share, in memory. */
        LOCAL,
        /** Lets everything pass. */
        OPEN,
        /** Answers 503 and sends nothing. */
        CLOSED
    }

    /** Bots go on answering, and all replicas together still keep Telegram's limits. */
    private static final String DEFAULT_LIMITS = "local";

    /** Who gives a key asks for once at most: rather not sent than sent twice. */
    private static final String DEFAULT_KEYED = "closed";

    /** Who gives none asks for the message. */
    private static final String DEFAULT_UNKEYED = "open";

    /** A user too many is better than nobody. */
    private static final String DEFAULT_BUDGETS = "open";

    static final Setting<Policy> LIMITS = setting("LIMITS", DEFAULT_LIMITS, "the limits do");
    static final Setting<Policy> KEYED = setting("KEYED", DEFAULT_KEYED, "happens to sends with an `Idempotency-Key`");
    static final Setting<Policy> UNKEYED = setting("UNKEYED", DEFAULT_UNKEYED, "happens to sends without a key");
    static final Setting<Policy> BUDGETS = setting("BUDGETS", DEFAULT_BUDGETS, "budgets do");

    static final List<Setting<?>> ALL = List.of(LIMITS, KEYED, UNKEYED, BUDGETS);

    static StoreFailureSettings read(Reading reading) {
        return new StoreFailureSettings(
                reading.get(LIMITS), reading.get(KEYED), reading.get(UNKEYED), reading.get(BUDGETS));
    }

    private static Setting<Policy> setting(String guard, String defaultText, String what) {
        return Setting.of(
                "SLUICE_ON_STORE_FAILURE_" + guard,
                Forms.choice(Policy.class),
                defaultText,
                "What " + what + " while Redis is down.");
    }
}
