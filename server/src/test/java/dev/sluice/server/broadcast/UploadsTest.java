package dev.sluice.server.broadcast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.broadcast.BroadcastSettings;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.Broadcasts;
import dev.sluice.broadcast.Started;
import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.telegram.BotId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class UploadsTest {
    private static final BotId BOT = new BotId(42);
    private static final String TEMPLATE = "{\"method\":\"sendMessage\",\"params\":{\"text\":\"hi\"}}\n";

    private final AtomicLong clock = new AtomicLong(1_700_000_000_000_000L);
    private final LongSupplier ticking = clock::incrementAndGet;
    private final BroadcastStore store = Broadcasts.inMemory(
            MessageQueues.inMemory(
                    ticking,
                    RateLimiters.inMemory(ticking),
                    bot -> TelegramLimits.DOCUMENTED,
                    QueueSettings.DEFAULT,
                    new Random(1)),
            ticking,
            BroadcastSettings.DEFAULT);
    private final Uploads uploads = new Uploads(store, KeyRing.random(), bot -> {}, 3);

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(UTF_8));
    }

    @Test
    void one_recipient_too_many_keeps_nothing() throws Exception {
        assertThat(uploads.take(BOT, stream(TEMPLATE + "1\n2\n3\n3\n"))
                        .orElseThrow()
                        .started())
                .isInstanceOf(Started.Running.class);
        int before = store.list(BOT, OptionalLong.empty(), 10).size();

        assertThatThrownBy(() -> uploads.take(BOT, stream(TEMPLATE + "1\n2\n3\n4\n")))
                .isInstanceOfSatisfying(
                        InvalidUploadException.class,
                        e -> assertThat(e.kind()).isEqualTo(InvalidUploadException.Kind.TOO_MANY));

        assertThat(store.list(BOT, OptionalLong.empty(), 10)).hasSize(before);
    }

    @Test
    void two_are_read_at_a_time_and_a_third_is_turned_away() throws Exception {
        var begun = new CountDownLatch(2);
        var end = new CountDownLatch(1);
        var slow = new InputStream() {
            @Override
            public int read() throws IOException {
                begun.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new IOException("broken");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 2; i++) {
                threads.submit(() -> uploads.take(BOT, slow));
            }
            begun.await();
            assertThat(uploads.take(BOT, stream(TEMPLATE + "1"))).isEmpty();
            end.countDown();
        }
        assertThat(uploads.take(BOT, stream(TEMPLATE + "1"))).isPresent();
    }
}
