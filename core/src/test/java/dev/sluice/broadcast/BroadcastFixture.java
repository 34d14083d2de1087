package dev.sluice.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Limit;
import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.queue.QueueStatistics;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store with its queue under a clock that the test sets. Recipient n is the chat n + 1. */
abstract class BroadcastFixture {
    static final BotId BOT = new BotId(42);
    static final Duration SECOND = Duration.ofSeconds(1);
    private static final Limit NONE = Limit.smooth(10_000, Duration.ofNanos(100_000));
    static final TelegramLimits NO_LIMITS = new TelegramLimits(NONE, NONE, NONE, NONE, Optional.empty());
    static final BroadcastSettings SETTINGS =
            BroadcastSettings.DEFAULT.withWindow(10).withMost(3);
    static final byte[] TEMPLATE = bytes("template");

    final SettableMicros clock = new SettableMicros();
    MessageQueue queue;
    BroadcastStore store;

    abstract MessageQueue queue(QueueSettings settings);

    /** Another one on the same queue if asked again. */
    abstract BroadcastStore store(MessageQueue itsQueue, QueueSettings queueSettings, BroadcastSettings settings);

    @BeforeEach
    void open() {
        queue = queue(QueueSettings.DEFAULT);
        store = store(queue, QueueSettings.DEFAULT, SETTINGS);
    }

    void reopen(QueueSettings queueSettings, BroadcastSettings settings) {
        queue = queue(queueSettings);
        store = store(queue, queueSettings, settings);
    }

    @AfterEach
    void books_balance() {
        for (BroadcastId id : store.list(BOT, OptionalLong.empty(), 200)) {
            Progress now = progress(id);
            int outcomes =
                    now.outcomes().values().stream().mapToInt(Integer::intValue).sum();
            assertThat(now.accepted()).as("%s", now).isEqualTo(now.pending() + outcomes);
        }
        QueueStatistics queued = queue.statistics(BOT);
        assertThat(queued.accepted())
                .as("%s", queued)
                .isEqualTo(queued.sent() + queued.failedInAll() + queued.unknown() + queued.pending());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static NewBroadcast to(int recipients) {
        return new NewBroadcast(TEMPLATE, recipients, 0, Priority.LOW, false, false, Optional.empty());
    }

    BroadcastId draft(int recipients) {
        BroadcastId draft = store.draft(BOT);
        for (int chunk = 0; chunk * BroadcastStore.CHUNK < recipients; chunk++) {
            assertThat(store.add(draft, chunk, bytes("chunk " + chunk))).isTrue();
        }
        return draft;
    }

    BroadcastId running(NewBroadcast broadcast) {
        BroadcastId draft = draft(broadcast.recipients());
        assertThat(store.start(draft, broadcast)).isEqualTo(new Started.Running(draft));
        return draft;
    }

    BroadcastId running(int recipients) {
        return running(to(recipients));
    }

    Progress progress(BroadcastId id) {
        return store.find(id).orElseThrow();
    }

    Tended tend(BroadcastId id) {
        return store.tend(id).orElseThrow();
    }

    static Feeding feeding(int recipient) {
        byte[] payload = bytes(Integer.toString(recipient));
        return new Feeding(
                recipient,
                Optional.of(NewMessage.to(ChatId.of(recipient + 1), payload).withPriority(Priority.LOW)));
    }

    /** Tends and feeds, once, as a feeder does. */
    Fed feed(BroadcastId id) {
        Tended tended = tend(id);
        if (tended.unfed().isEmpty()) {
            return new Fed(0, 0, false);
        }
        List<Feeding> feedings = tended.unfed().get().recipients().stream()
                .limit(BroadcastStore.MOST_FED)
                .map(BroadcastFixture::feeding)
                .toList();
        return store.feed(id, feedings);
    }

    List<Leased> claim(int most) {
        return queue.claim(BOT, most).messages();
    }

    void settle(Leased leased, Ending ending) {
        assertThat(queue.settle(BOT, List.of(leased.ends(ending))).getFirst()).isPresent();
    }

    /** Sends whatever the queue holds, and says to whom. */
    List<String> sendAll() {
        var sent = new ArrayList<String>();
        for (List<Leased> claimed = claim(100); !claimed.isEmpty(); claimed = claim(100)) {
            for (Leased leased : claimed) {
                settle(leased, new Ending.Sent(bytes("result")));
                sent.add(new String(leased.payload(), StandardCharsets.UTF_8));
            }
        }
        return sent;
    }

    /** Feeds and sends until nothing is left, and says to whom. */
    List<String> drain(BroadcastId id) {
        var sent = new ArrayList<String>();
        while (progress(id).ended().isEmpty()) {
            feed(id);
            sent.addAll(sendAll());
            tend(id);
            clock.advance(SECOND);
            assertThat(sent).as("an end of it").hasSizeLessThan(100_000);
        }
        return sent;
    }

    List<RecipientOutcome> outcomes(BroadcastId id) {
        return store.outcomes(id, 0, BroadcastStore.MOST_READ).orElseThrow();
    }
}
