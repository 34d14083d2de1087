package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Minutes of a busy bot in simulated time, from the admission through the way to Telegram to the settlement, with delays on each:
 * Telegram's limit falls to two fifths, and after a minute rises again.
 */
class LearningOverTimeTest {
    private static final int CHATS = 400;
    private static final long SECOND = 1_000_000;

    /** What was seen at one moment. */
    private record Sent(long at, boolean flooded) {}

    private sealed interface Event {
        long at();

        record Arrives(long at, long chat, Allowed admission) implements Event {}

        record Settles(long at, long chat, Allowed admission, Duration retryAfter) implements Event {}

        record Asks(long at, long chat) implements Event {}
    }

    private final SettableMicros clock = new SettableMicros();
    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::at));
    private final List<Sent> sent = new ArrayList<>();
    private final FloodingTelegram telegram = new FloodingTelegram(30, Duration.ofMillis(950));
    private final LearningFixture bot =
            new LearningFixture(new InMemoryRateLimiter(clock), clock, TelegramLimits.DOCUMENTED);
    private final Random random = new Random(1);

    /** @param way the longest way to Telegram, and the longest back, in milliseconds */
    private void run(long from, long lasts, int way) {
        while (!events.isEmpty() && events.peek().at() < from + lasts) {
            Event event = events.remove();
            clock.set(Math.max(clock.getAsLong(), event.at()));
            long now = clock.getAsLong();
            switch (event) {
                case Event.Asks(long at, long chat) -> {
                    switch (bot.tryAcquire(chat)) {
                        case Allowed allowed -> events.add(new Event.Arrives(now + delay(way), chat, allowed));
                        case Decision.Denied denied -> {
                            // Asked again some milliseconds late, as whoever sleeps until then.
                            long again = now + Microseconds.of(denied.retryAfter()) + delay(5);
                            events.add(new Event.Asks(again, chat));
                        }
                    }
                }
                case Event.Arrives(long at, long chat, Allowed admission) -> {
                    Duration retryAfter = telegram.send(now);
                    sent.add(new Sent(now, retryAfter.isPositive()));
                    events.add(new Event.Settles(now + delay(way), chat, admission, retryAfter));
                }
                case Event.Settles(long at, long chat, Allowed admission, Duration retryAfter) -> {
                    if (retryAfter.isPositive()) {
                        bot.flooded(chat, admission, retryAfter);
                    }
                    events.add(new Event.Asks(now + 1, chat));
                }
            }
        }
    }

    private long delay(int mostMillis) {
        return random.nextLong(mostMillis * 1_000L + 1);
    }

    private long count(long from, long seconds, boolean flooded) {
        return sent.stream()
                .filter(one -> one.at() >= from && one.at() < from + seconds * SECOND && one.flooded() == flooded)
                .count();
    }

    private double rate(long from, long seconds) {
        return (double) count(from, seconds, false) / seconds;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 20, 40})
    void a_limit_that_fell_is_found_within_ten_seconds_and_used_evenly_and_left_when_it_rises(int way) {
        long start = clock.getAsLong();
        for (int chat = 1; chat <= CHATS; chat++) {
            events.add(new Event.Asks(start, chat));
        }
        run(start, 20 * SECOND, way);
        assertThat(rate(start + 5 * SECOND, 15)).isBetween(29.0, 30.1);

        telegram.limit(12);
        run(start, 80 * SECOND, way);
        long learned = start + 30 * SECOND;
        long rise = start + 80 * SECOND;
        assertThat(count(learned, 50, true)).isLessThanOrEqualTo(count(learned, 50, false) / 50);
        assertThat(rate(learned, 50)).isGreaterThanOrEqualTo(0.85 * 12);
        assertThat(swing(learned, rise)).isLessThanOrEqualTo(0.15 * 12);

        telegram.limit(30);
        run(start, 140 * SECOND, way);
        assertThat(rate(rise + 55 * SECOND, 5)).isGreaterThanOrEqualTo(25);
        run(start, 170 * SECOND, way);
        assertThat(bot.botPace()).as("has risen to the limit").isEmpty();
        assertThat(count(rise, 90, true)).isZero();
    }

    /** The difference between the fastest and the slowest five seconds. */
    private double swing(long from, long until) {
        double least = Double.MAX_VALUE;
        double most = 0;
        for (long at = from; at + 5 * SECOND <= until; at += SECOND / 4) {
            least = Math.min(least, rate(at, 5));
            most = Math.max(most, rate(at, 5));
        }
        return most - least;
    }
}
