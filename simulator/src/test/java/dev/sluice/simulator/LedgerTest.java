package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.simulator.LedgerEntry.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private final SimulatorClock clock = new SimulatorClock(() -> 0, 0);

    @Test
    void past_its_bound_it_drops_the_oldest_keeps_the_counts_and_says_so() {
        Ledger ledger = new Ledger(SimulatorSettings.Bounds.defaults().withLedgerEntries(5), clock);
        for (int i = 0; i < 8; i++) {
            accept(ledger, 1, 7, "m" + i, i);
        }
        assertThat(ledger.received(1, 7)).extracting(LedgerEntry::text).containsExactly("m3", "m4", "m5", "m6", "m7");
        assertThat(ledger.count(1, Outcome.ACCEPTED)).isEqualTo(8);
        assertThat(ledger.truncated()).isTrue();
        assertThat(ledger.dropped()).isEqualTo(3);
        ledger.clear();
        assertThat(ledger.truncated()).isFalse();
        assertThat(ledger.entries()).isEmpty();
    }

    @Test
    void only_the_newest_entries_keep_their_parameters_but_all_their_digest() {
        Ledger ledger = new Ledger(SimulatorSettings.Bounds.defaults().withLedgerParameters(2), clock);
        for (int i = 0; i < 4; i++) {
            accept(ledger, 1, 7, "same", i);
        }
        assertThat(ledger.entries(1)).extracting(LedgerEntry::text).containsExactly("", "", "same", "same");
        assertThat(ledger.duplicates(1)).hasSize(1);
        assertThat(ledger.duplicates(1).values().iterator().next()).hasSize(4);
    }

    @Test
    void contents_differ_by_method_chat_text_and_file() {
        Map<String, String> parameters = Map.of("chat_id", "1", "text", "a");
        ContentDigest digest = ContentDigest.of(new ApiCall("sendMessage", parameters, Map.of()));
        assertThat(ContentDigest.of(new ApiCall("sendMessage", Map.copyOf(parameters), Map.of())))
                .isEqualTo(digest);
        assertThat(List.of(
                        ContentDigest.of(new ApiCall("sendPhoto", parameters, Map.of())),
                        ContentDigest.of(new ApiCall("sendMessage", Map.of("chat_id", "1", "text", "b"), Map.of())),
                        ContentDigest.of(new ApiCall("sendMessage", Map.of("chat_id", "1t", "text", "a"), Map.of())),
                        ContentDigest.of(new ApiCall(
                                "sendMessage", parameters, Map.of("f", new UploadedFile("f", "t", new byte[] {1}))))))
                .doesNotContain(digest)
                .doesNotHaveDuplicates();
        assertThat(digest.toString()).matches("[0-9a-f]{32}");
    }

    @Test
    void bots_keep_apart_and_all_entries_come_in_one_order() {
        Ledger ledger = new Ledger(SimulatorSettings.Bounds.defaults(), clock);
        accept(ledger, 1, 7, "a", 0);
        accept(ledger, 2, 7, "b", 1);
        accept(ledger, 1, 8, "c", 2);
        assertThat(ledger.entries()).extracting(LedgerEntry::text).containsExactly("a", "b", "c");
        assertThat(ledger.received(2)).extracting(LedgerEntry::text).containsExactly("b");
        assertThat(ledger.bots()).containsExactly(1L, 2L);
        assertThat(ledger.received(3)).isEmpty();
    }

    @Property(tries = 300)
    void the_peak_is_that_of_a_count_by_hand(
            @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 30) Integer> gaps,
            @ForAll @IntRange(min = 1, max = 50) int window) {
        List<LedgerEntry> entries = new ArrayList<>();
        Ledger ledger = new Ledger(SimulatorSettings.Bounds.defaults(), clock);
        long micros = 0;
        for (int gap : gaps) {
            micros += gap;
            ledger.record(1, 7, call("x"), Outcome.ACCEPTED, 0, 0, 1, 1 + gap % 3, micros * 1000);
        }
        entries.addAll(ledger.received(1));
        long most = 0;
        for (LedgerEntry from : entries) {
            most = Math.max(
                    most,
                    entries.stream()
                            .filter(e -> e.monotonicMicros() >= from.monotonicMicros()
                                    && e.monotonicMicros() < from.monotonicMicros() + window)
                            .mapToLong(LedgerEntry::weight)
                            .sum());
        }
        assertThat(ledger.peak(1, 7, Duration.ofNanos(window * 1000L)).weight()).isEqualTo(most);
    }

    private static void accept(Ledger ledger, long bot, long chat, String text, long second) {
        ledger.record(bot, chat, call(text), Outcome.ACCEPTED, 0, 0, 1, 1, second * 1_000_000_000);
    }

    private static ApiCall call(String text) {
        return new ApiCall("sendMessage", Map.of("chat_id", "7", "text", text), Map.of());
    }
}
