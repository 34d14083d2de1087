package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulator.FloodLimits.Limit;
import dev.sluice.simulator.LedgerEntry.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FloodOverHttpTest {
    private static final FloodLimits SHORT = FloodLimits.telegram()
            .withBot(new Limit(5, Duration.ofMillis(60)))
            .withChat(new Limit(1, Duration.ofMillis(50)))
            .withGroup(new Limit(4, Duration.ofSeconds(30))) // met however slow the callers are
            .withTolerance(Duration.ofMillis(5))
            .withRetryAfter(
                    Duration.ofMillis(10), Duration.ofMillis(40), Duration.ofHours(1)); // nobody is blocked for long

    @Test
    void no_window_ever_holds_more_than_its_limit_however_hard_callers_push() {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults().withFlood(SHORT))) {
            Caller caller = new Caller(simulator, simulator.addBot(1, "B").token());
            Ledger ledger = simulator.ledger();
            List<Long> chats = List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, -1L, -2L);
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            long answered = 0;
            while (ledger.count(1, Outcome.ACCEPTED) < 40 && System.nanoTime() < deadline) {
                List<CompletableFuture<Caller.Reply>> calls = new ArrayList<>();
                for (long chat : chats) {
                    calls.add(caller.callAsync("sendMessage", Map.of("chat_id", chat, "text", "x")));
                }
                calls.forEach(call -> assertThat(Caller.await(call).status()).isIn(200, 429));
                answered += calls.size();
            }
            assertThat(ledger.count(1, Outcome.ACCEPTED)).isGreaterThanOrEqualTo(40);
            assertThat(ledger.count(1, Outcome.FLOODED)).isPositive();
            assertThat(ledger.count(1, Outcome.ACCEPTED) + ledger.count(1, Outcome.FLOODED))
                    .isEqualTo(answered);
            assertThat(ledger.peak(1, Duration.ofMillis(55)).weight()).isLessThanOrEqualTo(5);
            for (long chat : chats) {
                assertThat(ledger.peak(1, chat, Duration.ofMillis(45)).weight()).isLessThanOrEqualTo(1);
            }
            assertThat(ledger.peak(1, -1, Duration.ofMillis(29_995)).weight()).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void edits_and_batches_spend_what_sends_spend_and_chat_actions_nothing() {
        FloodLimits limits = FloodLimits.telegram().withChat(new Limit(4, Duration.ofMinutes(10)));
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults().withFlood(limits))) {
            Caller caller = new Caller(simulator, simulator.addBot(1, "B").token());
            int id = caller.text(7, "one").result().get("message_id").asInt();
            caller.call("sendChatAction", Map.of("chat_id", 7, "action", "typing"))
                    .result();
            caller.call("editMessageText", Map.of("chat_id", 7, "message_id", id, "text", "two"))
                    .result();
            Map<String, Object> batch = Map.of("chat_id", 7, "from_chat_id", 7, "message_ids", List.of(id, id));
            caller.call("copyMessages", batch).result();
            Caller.Reply full = caller.text(7, "three");
            assertThat(full.status()).isEqualTo(429);
            assertThat(full.json().at("/parameters/retry_after").asInt()).isBetween(590, 600);
            assertThat(caller.text(8, "other chat").status()).isEqualTo(200);
        }
    }

    @Test
    void bots_do_not_share_limits() {
        FloodLimits limits = FloodLimits.telegram().withBot(new Limit(1, Duration.ofMinutes(10)));
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults().withFlood(limits))) {
            Caller one = new Caller(simulator, simulator.addBot(1, "A").token());
            Caller two = new Caller(simulator, simulator.addBot(2, "B").token());
            assertThat(one.text(7, "x").status()).isEqualTo(200);
            assertThat(one.text(8, "x").status()).isEqualTo(429);
            assertThat(two.text(7, "x").status()).isEqualTo(200);
            assertThat(one.call("sendMessage", Map.of("chat_id", 8, "text", "x", "allow_paid_broadcast", true))
                            .status())
                    .isEqualTo(200);
        }
    }
}
