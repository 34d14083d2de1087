package dev.sluice.bundle;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Messages that belong together, handed over to be answered as one.
 *
 * @param fence greater than whenever a bundle of this conversation was handed over before: what is written for it is safe if the
 *     resource refuses a lesser one
 * @param failures how often its handlers failed before
 * @param began when its first message came, by the store's clock
 * @param messages at least one, in the order of their ids
 */
public record Bundle(BundleId id, long fence, int failures, Instant began, List<TalkMessage> messages) {
    /** As long as Telegram lets a message be: clients cut a longer text there. */
    static final int LONGEST_MESSAGE = 4096;

    /** The pieces of a text that was cut are sent together; Telegram tells whole seconds. */
    private static final Duration TOGETHER = Duration.ofSeconds(1);

    public Bundle {
        messages = List.copyOf(messages);
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a bundle needs a message");
        }
    }

    public Conversation conversation() {
        return id.conversation();
    }

    /** Whether it is a message that was handed over at once, by itself. */
    public boolean isCommand() {
        return messages.getFirst().command();
    }

    /**
     * All texts as one, a line for each; the pieces of a text that a client cut where a message may be no longer (4096 characters,
     * UTF-16) are put together again without one. Messages without text are left out.
     */
    public String text() {
        var joined = new StringBuilder();
        TalkMessage before = null;
        for (TalkMessage message : messages) {
            if (message.text().isEmpty()) {
                continue;
            }
            if (before != null && !continues(before, message)) {
                joined.append('\n');
            }
            joined.append(message.text());
            before = message;
        }
        return joined.toString();
    }

    /** Whether a text is the rest of the one before. */
    private static boolean continues(TalkMessage before, TalkMessage message) {
        return before.text().length() == LONGEST_MESSAGE
                && before.forwardedFrom().equals(message.forwardedFrom())
                && Duration.between(before.sent(), message.sent()).abs().compareTo(TOGETHER) <= 0;
    }
}
