package dev.sluice.queue;

import dev.sluice.telegram.BotId;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names one accepted message: {@code 123456-1iq3hbv8g00}. Numbers of one bot ascend in the order of acceptance and are taken
 * from the clock, so that a queue that lost its data gives no number a second time.
 *
 * @param bot whose message it is
 * @param number microseconds since the epoch, or one more than the last if that is greater; 1 to 2^53 - 1
 */
public record MessageId(BotId bot, long number) implements Comparable<MessageId> {
    private static final long GREATEST = (1L << 53) - 1;
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,17})-([0-9a-v]{1,11})");

    public MessageId {
        if (number < 1 || number > GREATEST) {
            throw new IllegalArgumentException("message number must be 1 to 2^53 - 1, not " + number);
        }
    }

    /** The id in {@code text}, or empty if it has not the form of one. */
    public static Optional<MessageId> parse(String text) {
        var match = FORM.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(match.group(2), 32);
        return number < 1 || number > GREATEST
                ? Optional.empty()
                : Optional.of(new MessageId(new BotId(Long.parseLong(match.group(1))), number));
    }

    /** By acceptance within a bot. */
    @Override
    public int compareTo(MessageId other) {
        int byBot = Long.compare(bot.value(), other.bot.value());
        return byBot != 0 ? byBot : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return bot + "-" + Long.toString(number, 32);
    }
}
