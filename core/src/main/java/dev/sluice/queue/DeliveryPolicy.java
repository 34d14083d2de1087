package dev.sluice.queue;

/** What becomes of a message of which nobody knows whether Telegram has it. */
public enum DeliveryPolicy {
    /** It is {@link MessageState#UNKNOWN} and never sent again by itself. */
    AT_MOST_ONCE,
    /** It is sent again, as often as the {@link RetryPolicy} allows, and may arrive twice. */
    AT_LEAST_ONCE
}
