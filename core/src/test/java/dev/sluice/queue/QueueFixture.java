package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Limit;
import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A queue of one bot under a clock and limits that the test sets, and short words for what is done to it. */
abstract class QueueFixture {
    static final BotId BOT = new BotId(42);
    static final ChatId ANN = ChatId.of(1);
    static final ChatId BOB = ChatId.of(2);
    static final ChatId CAT = ChatId.of(3);
    static final ChatId GROUP = ChatId.of(-100);
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final Limit NONE = Limit.smooth(10_000, Duration.ofNanos(100_000));
    static final TelegramLimits NO_LIMITS = new TelegramLimits(NONE, NONE, NONE, NONE, Optional.empty());
    static final QueueSettings SETTINGS =
            QueueSettings.DEFAULT.withRetry(new RetryPolicy(3, SECOND, Duration.ofSeconds(60), 0));

    final SettableMicros clock = new SettableMicros();
    TelegramLimits limits = NO_LIMITS;
    MessageQueue queue;

    /** A queue on the backend, whose clock is {@code clock}; another one of the same store if asked again. */
    abstract MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings);

    @BeforeEach
    void open() {
        queue = queue(bot -> limits, SETTINGS);
    }

    void reopen(QueueSettings settings) {
        queue = queue(bot -> limits, settings);
    }

    @AfterEach
    void books_balance() {
        QueueStatistics now = queue.statistics(BOT);
        assertThat(now.accepted())
                .as("%s", now)
                .isEqualTo(now.sent() + now.failedInAll() + now.unknown() + now.pending());
    }

    static NewMessage message(ChatId chat, String text) {
        return NewMessage.to(chat, bytes(text));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    MessageId add(ChatId chat, String text) {
        return add(message(chat, text));
    }

    MessageId add(NewMessage message) {
        return added(queue.enqueue(BOT, message));
    }

    static MessageId added(Enqueued enqueued) {
        assertThat(enqueued).isInstanceOf(Enqueued.Added.class);
        return ((Enqueued.Added) enqueued).id();
    }

    List<Leased> claim(int max) {
        return queue.claim(BOT, max).messages();
    }

    Leased claimOne() {
        List<Leased> claimed = claim(1);
        assertThat(claimed).hasSize(1);
        return claimed.getFirst();
    }

    Optional<Duration> wakeUp() {
        return queue.claim(BOT, 1).wakeUp();
    }

    static String text(Leased leased) {
        return new String(leased.payload(), StandardCharsets.UTF_8);
    }

    static List<String> texts(List<Leased> leased) {
        return leased.stream().map(QueueFixture::text).toList();
    }

    Optional<MessageState> settle(Leased leased, Ending ending) {
        return queue.settle(BOT, List.of(leased.ends(ending))).getFirst();
    }

    Optional<MessageState> sent(Leased leased) {
        return settle(leased, new Ending.Sent(bytes("result of " + text(leased))));
    }

    /** Claims and sends one by one until there is nothing to claim. */
    List<String> drain() {
        var texts = new ArrayList<String>();
        while (true) {
            assertThat(texts).as("an end to what is claimed").hasSizeLessThan(2_000);
            List<Leased> claimed = claim(1);
            if (claimed.isEmpty()) {
                return texts;
            }
            texts.add(text(claimed.getFirst()));
            sent(claimed.getFirst());
        }
    }

    MessageDetails find(MessageId id) {
        return queue.find(id).orElseThrow();
    }

    MessageState state(MessageId id) {
        return find(id).state();
    }

    Why.Hold hold(MessageId id) {
        return queue.why(id).orElseThrow().hold();
    }

    QueueStatistics statistics() {
        return queue.statistics(BOT);
    }
}
