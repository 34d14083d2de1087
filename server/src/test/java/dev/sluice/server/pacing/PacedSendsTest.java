package dev.sluice.server.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.faults.Stalls;
import dev.sluice.server.pacing.Replicas.Answered;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.FloodLimits.Limit;
import dev.sluice.simulator.LedgerEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three replicas, one Redis, one bot that asks for far more than it may: everything arrives, in order, and Telegram never has
 * to say 429. Windows are counted by the simulator's clock, less {@link Load#jitter}: what the limiter spaces by a window may
 * arrive that much closer. Where the machine is not ours alone, Telegram limits nobody and its ledger is held to the same windows,
 * less what the machine itself stalled.
 */
class PacedSendsTest {
    private static final int REPLICAS = 3;
    private static final Duration ALONE = Duration.ofMillis(50);

    @TempDir
    private Path folder;

    /**
     * How much is asked for, and what is allowed.
     *
     * @param jitter how much closer than a window two sends may arrive: 50 ms where the machine is ours alone
     * @param warming how many other bots ask for as much at once before, so that the code is compiled as in a process that has
     *     run a while
     */
    private record Load(
            int chats,
            int perChat,
            int groups,
            int perGroup,
            Limit bot,
            Limit chat,
            Limit group,
            Duration jitter,
            int warming) {
        int calls() {
            return chats * perChat + groups * perGroup;
        }

        int of(int chat) {
            return chat < chats ? perChat : perGroup;
        }

        long id(int chat) {
            return chat < chats ? 1_000 + chat : -(1_000L + chat);
        }

        FloodLimits flood() {
            if (!jitter.equals(ALONE)) {
                return FloodLimits.off();
            }
            return FloodLimits.telegram()
                    .withBot(bot)
                    .withChat(chat)
                    .withGroup(group)
                    .withTolerance(jitter);
        }

        Duration inAWindow(Limit limit, Stalls stalls) {
            return stalls.takenFrom(limit.window().minus(jitter));
        }

        Map<String, String> settings() {
            var settings = new HashMap<String, String>();
            add(settings, "GLOBAL", bot);
            add(settings, "CHAT", chat);
            add(settings, "GROUP", group);
            return settings;
        }

        private static void add(Map<String, String> settings, String name, Limit limit) {
            settings.put("RATE_LIMIT_" + name + "_CAPACITY", Integer.toString(limit.count()));
            double rate = limit.count() * 1e9 / limit.window().toNanos();
            settings.put("RATE_LIMIT_" + name + "_REFILL_RATE", String.format(Locale.ROOT, "%.6f", rate));
        }
    }

    private static final Load SHORT = new Load(
            45,
            5,
            2,
            9,
            new Limit(30, Duration.ofSeconds(1)),
            new Limit(1, Duration.ofSeconds(1)),
            new Limit(6, Duration.ofSeconds(6)),
            Duration.ofMillis(300),
            1);

    private static final Load LONG = new Load(
            300,
            9,
            5,
            30,
            new Limit(30, Duration.ofSeconds(1)),
            new Limit(1, Duration.ofSeconds(1)),
            new Limit(20, Duration.ofSeconds(60)),
            ALONE,
            8);

    @Test
    @Timeout(90)
    void three_replicas_send_everything_in_order_within_every_limit() throws Exception {
        allIsSent(SHORT);
    }

    @Test
    @Tag("chaos")
    @Timeout(400)
    void three_replicas_send_2850_calls_in_order_within_every_limit_and_waste_nothing() throws Exception {
        assertThat(allIsSent(LONG)).isGreaterThanOrEqualTo(0.97);
    }

    @Test
    @Timeout(90)
    void what_does_not_leave_within_the_default_wait_is_told_so_and_never_arrives() throws Exception {
        whatIsLateIsWithdrawn(SHORT);
    }

    @Test
    @Tag("chaos")
    @Timeout(400)
    void of_2850_calls_what_does_not_leave_within_the_default_wait_never_arrives() throws Exception {
        Duration latest = whatIsLateIsWithdrawn(LONG);
        assertThat(latest).isLessThanOrEqualTo(Duration.ofMillis(2_500));
    }

    /** @return how much of the bot's limit was used until fewer than 30 chats had work */
    private double allIsSent(Load load) throws Exception {
        try (var stalls = new Stalls();
                var replicas = new Replicas(REPLICAS, load.flood(), load.settings(), folder)) {
            warmUp(replicas, load);
            var calls = new ArrayList<CompletableFuture<Answered>>();
            int rounds = Math.max(load.perChat, load.perGroup);
            for (int round = 0; round < rounds; round++) {
                for (int chat = 0; chat < load.chats + load.groups; chat++) {
                    if (round < load.of(chat)) {
                        calls.add(replicas.send(
                                chat % REPLICAS, load.id(chat), "m" + round, Map.of("X-Sluice-Max-Wait", "180")));
                    }
                }
                // A chat's next call is not made before its last one has arrived: so its order is known.
                int made = calls.size();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> {
                            // Counted first: one that ends in between must not count twice.
                            long ended = calls.stream()
                                    .filter(CompletableFuture::isDone)
                                    .count();
                            return ended + replicas.inFlight() >= made;
                        });
            }
            for (CompletableFuture<Answered> call : calls) {
                Answered answer = call.get(300, TimeUnit.SECONDS);
                assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            }
            var ledger = replicas.simulator.ledger();
            List<LedgerEntry> received = ledger.received(replicas.bot);
            assertThat(received).hasSize(load.calls());
            withinEveryWindow(replicas, load, stalls);
            for (int chat = 0; chat < load.chats + load.groups; chat++) {
                var inOrder = new ArrayList<String>();
                for (LedgerEntry entry : ledger.received(replicas.bot, load.id(chat))) {
                    inOrder.add(entry.text());
                }
                var expected = new ArrayList<String>();
                for (int round = 0; round < load.of(chat); round++) {
                    expected.add("m" + round);
                }
                assertThat(inOrder).isEqualTo(expected);
            }
            double utilisation = utilisation(received, load);
            replicas.console.printf(
                    "paced sends: %d calls, 3 replicas, utilisation %.3f until fewer than 30 chats had work%n",
                    load.calls(), utilisation);
            return utilisation;
        }
    }

    /** Connections open and code compiled: what is measured afterwards is the pacing. */
    private static void warmUp(Replicas replicas, Load load) {
        for (int bot = 1; bot <= load.warming; bot++) {
            String token = replicas.addBot();
            var calls = new ArrayList<CompletableFuture<Answered>>();
            for (int chat = 0; chat < load.chats + load.groups; chat++) {
                for (int round = 0; round < load.of(chat); round++) {
                    calls.add(replicas.send(token, chat % REPLICAS, load.id(chat), "warm " + round, Map.of()));
                }
            }
            calls.forEach(CompletableFuture::join);
        }
    }

    private static void withinEveryWindow(Replicas replicas, Load load, Stalls stalls) {
        var ledger = replicas.simulator.ledger();
        assertThat(ledger.flooded(replicas.bot)).isEmpty();
        assertThat(ledger.peak(replicas.bot, load.inAWindow(load.bot, stalls)).weight())
                .isLessThanOrEqualTo(load.bot.count());
        for (int chat = 0; chat < load.chats + load.groups; chat++) {
            long id = load.id(chat);
            for (Limit limit : id < 0 ? List.of(load.chat, load.group) : List.of(load.chat)) {
                assertThat(ledger.peak(replicas.bot, id, load.inAWindow(limit, stalls))
                                .weight())
                        .isLessThanOrEqualTo(limit.count());
            }
        }
    }

    private static double utilisation(List<LedgerEntry> received, Load load) {
        var left = new HashMap<Long, Integer>();
        for (int chat = 0; chat < load.chats + load.groups; chat++) {
            left.put(load.id(chat), load.of(chat));
        }
        long first = received.getFirst().monotonicMicros();
        int sent = 0;
        for (LedgerEntry entry : received) {
            sent++;
            left.compute(entry.chat(), (chat, open) -> open == null || open == 1 ? null : open - 1);
            if (left.size() < 30) {
                // The first window's worth leaves at once.
                double windows =
                        (entry.monotonicMicros() - first) / (load.bot.window().toNanos() / 1e3);
                return (sent - load.bot.count()) / (windows * load.bot.count());
            }
        }
        return 1;
    }

    /** @return the latest answer of a call that was withdrawn */
    private Duration whatIsLateIsWithdrawn(Load load) throws Exception {
        try (var stalls = new Stalls();
                var replicas = new Replicas(REPLICAS, load.flood(), load.settings(), folder)) {
            warmUp(replicas, load);
            Map<String, CompletableFuture<Answered>> calls = new HashMap<>();
            for (int chat = 0; chat < load.chats + load.groups; chat++) {
                for (int round = 0; round < load.of(chat); round++) {
                    String text = "late " + chat + " " + round;
                    calls.put(text, replicas.send(chat % REPLICAS, load.id(chat), text, Map.of()));
                }
            }
            var arrived = new ArrayList<String>();
            Duration latest = Duration.ZERO;
            int withdrawn = 0;
            for (var call : calls.entrySet()) {
                Answered answer = call.getValue().get(60, TimeUnit.SECONDS);
                if (answer.status() == 200) {
                    arrived.add(call.getKey());
                } else {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(429);
                    assertThat(answer.body()).contains("\"retry_after\":");
                    latest = answer.after().compareTo(latest) > 0 ? answer.after() : latest;
                    withdrawn++;
                }
            }
            assertThat(withdrawn).isPositive();
            // Whatever was withdrawn stays so: one more call per replica leaves after everything else had its chance.
            for (int replica = 0; replica < REPLICAS; replica++) {
                replicas.send(replica, 900_000 + replica, "last", Map.of("X-Sluice-Max-Wait", "30"))
                        .get(60, TimeUnit.SECONDS);
            }
            var ledger = replicas.simulator.ledger();
            List<String> received = new ArrayList<>();
            for (LedgerEntry entry : ledger.received(replicas.bot)) {
                if (entry.text().startsWith("late ")) {
                    received.add(entry.text());
                }
            }
            assertThat(received).containsExactlyInAnyOrderElementsOf(arrived);
            withinEveryWindow(replicas, load, stalls);
            replicas.console.printf(
                    "default wait: %d calls, %d sent, %d withdrawn, the last of them answered after %d ms%n",
                    load.calls(), arrived.size(), withdrawn, latest.toMillis());
            return latest;
        }
    }
}
