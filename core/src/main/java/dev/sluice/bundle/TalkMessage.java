package dev.sluice.bundle;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A message as a person sent it.
 *
 * @param id Telegram's {@code message_id}, 1 or more: tells repeats, and the order within a bundle
 * @param sent when, by Telegram; kept to the millisecond
 * @param text up to {@link #LONGEST_TEXT} characters (UTF-16); empty for a photo without caption
 * @param forwardedFrom whom it was forwarded from, in words of the caller's, up to {@link #LONGEST_ORIGIN}; empty if it was not
 * @param command whether it is handed over at once and by itself, and all before it before it
 * @param data anything else that the handler needs, such as a file's id, up to {@link #LONGEST_DATA} characters; handed over as it came
 */
public record TalkMessage(
        long id, Instant sent, String text, Optional<String> forwardedFrom, boolean command, Optional<String> data) {
    /** Four of Telegram's longest. */
    public static final int LONGEST_TEXT = 16_384;

    public static final int LONGEST_ORIGIN = 256;
    public static final int LONGEST_DATA = 32_768;

    /** The greatest number that every program reads from JSON. */
    public static final long GREATEST_ID = 1L << 53;

    /** As Telegram defines it, at the text's beginning; {@code /etc/hosts} is none. */
    private static final Pattern COMMAND = Pattern.compile("/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]{1,64})?(\\s[\\s\\S]*)?");

    public TalkMessage {
        if (id < 1 || id > GREATEST_ID) {
            throw new IllegalArgumentException("a message id must be 1 to " + GREATEST_ID + ", not " + id);
        }
        if (sent.isBefore(Instant.EPOCH) || sent.getEpochSecond() > Integer.MAX_VALUE * 2L) {
            throw new IllegalArgumentException("a message must be sent between 1970 and 2106, not " + sent);
        }
        sent = Instant.ofEpochMilli(sent.toEpochMilli());
        requireLength("text", text, LONGEST_TEXT);
        forwardedFrom.ifPresent(origin -> requireLength("origin", origin, LONGEST_ORIGIN));
        data.ifPresent(more -> requireLength("data", more, LONGEST_DATA));
    }

    /** What was typed: a command if it looks like one. */
    public static TalkMessage of(long id, Instant sent, String text) {
        return new TalkMessage(id, sent, text, Optional.empty(), isCommand(text), Optional.empty());
    }

    /** Whether a text that was typed is a command, {@code /start} or {@code /help@some_bot me}. */
    public static boolean isCommand(String text) {
        // A longer one is looked at only as far as its name can reach.
        return COMMAND.matcher(text.length() <= 128 ? text : text.substring(0, 128))
                .matches();
    }

    /** The same, forwarded, so that it is no command whatever it says. */
    public TalkMessage forwardedFrom(String origin) {
        return new TalkMessage(id, sent, text, Optional.of(origin), false, data);
    }

    /** The same, to be handed over at once. */
    public TalkMessage passing() {
        return new TalkMessage(id, sent, text, forwardedFrom, true, data);
    }

    /** The same, bundled with others although it looks like a command. */
    public TalkMessage bundled() {
        return new TalkMessage(id, sent, text, forwardedFrom, false, data);
    }

    public TalkMessage withData(String newData) {
        return new TalkMessage(id, sent, text, forwardedFrom, command, Optional.of(newData));
    }

    /** What it counts for against the size of a bundle: bytes of its texts in UTF-8. */
    int size() {
        return bytes(text)
                + forwardedFrom.map(TalkMessage::bytes).orElse(0)
                + data.map(TalkMessage::bytes).orElse(0);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void requireLength(String what, String text, int longest) {
        if (text.length() > longest) {
            throw new IllegalArgumentException(
                    "a message's " + what + " must have up to " + longest + " characters, not " + text.length());
        }
    }

    /** Nothing of what somebody wrote: this ends up in logs. */
    @Override
    public String toString() {
        return "TalkMessage[id=" + id + ", " + text.length() + " characters]";
    }
}
