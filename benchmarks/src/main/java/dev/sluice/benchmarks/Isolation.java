package dev.sluice.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Whether a chat that is flooded, and told so by Telegram, makes the same bots' other chats wait. Half of the slices have such a
 * chat for each bot: its calls pile up in the gateway, and Telegram refuses the foremost again and again.
 */
final class Isolation {
    private static final int BOTS = 10;
    private static final int PILED_UP = 15;
    private static final long FLOODED_CHAT = 7;
    private static final Duration SLICE = Duration.ofSeconds(4);
    private static final double AIM = 1.1;

    /** To the other chats: 20 a second for each bot, and a second's try of the flooded chat, stay below its 30. */
    private static final OfferedLoad OTHERS = new OfferedLoad(20 * BOTS, SLICE);

    /** Until the pile stands: what is asked is whether it holds others up, not what its making costs. */
    private static final OfferedLoad BEFORE = new OfferedLoad(20 * BOTS, Duration.ofMillis(500));

    private long chats = 1_000_000_000;

    /** @param warmUp calls that the gateway answers before it is measured */
    Section measure(Path root, int rounds, int warmUp) throws Exception {
        try (var telegram = SluiceProcess.start(root, Map.of(), "simulate", "--port", "0", "--no-flood");
                var gateway = SluiceProcess.gateway(root, Map.of("TELEGRAM_API_URL", telegram.url()));
                var control = new HttpConnections(telegram.url());
                var others = new HttpConnections(gateway.url())) {
            control.call(BotRequests.post(
                    "/simulator/faults", "effect=too_many_requests&retry_after=1&chat=" + FLOODED_CHAT, ""));
            BotRequests.introduceAll(others);
            OfferedLoad.asFastAsItGoes(warmUp, others, BotRequests::nextMessage);
            var without = new ArrayList<Double>();
            var with = new ArrayList<Double>();
            for (int round = 0; round < rounds; round++) {
                boolean floodFirst = round % 2 == 0;
                double first = slice(gateway, others, floodFirst);
                double second = slice(gateway, others, !floodFirst);
                with.add(floodFirst ? first : second);
                without.add(floodFirst ? second : first);
            }
            return new Section(
                    "A flooded chat beside others",
                    BOTS + " bots send 20 messages a second each, to chats of their own; " + PILED_UP
                            + " calls of each bot wait for a chat that Telegram answers with 429, retry_after 1; in memory; "
                            + rounds + " rounds of " + SLICE.toMillis() + " ms with and without",
                    List.of(
                            Figure.of("p99 of the others, without a flooded chat", "ms", without),
                            Figure.compared("p99 of the others, with it", "ms", with, "without", without)
                                    .atMost(AIM)));
        }
    }

    /** The others' p99, in milliseconds. */
    private double slice(SluiceProcess gateway, HttpConnections others, boolean flooded) throws Exception {
        var flood = new HttpConnections(gateway.url());
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int call = 0; flooded && call < BOTS * PILED_UP; call++) {
                byte[] request = BotRequests.message(call % BOTS, FLOODED_CHAT, "X-Sluice-Max-Wait: 600\r\n");
                callers.execute(() -> waitInVain(flood, request));
            }
            Supplier<byte[]> next = () -> BotRequests.message((int) (++chats % BOTS), chats, "");
            var unused = BEFORE.offer(others, next);
            List<Double> millis = OTHERS.offer(others, next);
            flood.close(); // the callers leave, and their calls with them
            return Spread.percentile(millis, 99);
        }
    }

    private static void waitInVain(HttpConnections flood, byte[] request) {
        try {
            flood.call(request);
        } catch (IOException left) {
            return;
        }
        throw new IllegalStateException("a call to the flooded chat was answered as sent");
    }
}
