package dev.sluice.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.telegram.BotId;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryHistoriesTest extends HistoriesContract {
    @Override
    HistoriesBuilder builder() {
        return Histories.inMemory();
    }

    @Test
    void beyond_the_bound_the_chats_go_that_nothing_was_appended_to_for_longest() {
        Histories histories = Histories.inMemory()
                .settings(HistorySettings.DEFAULT.withMemory(HistorySettings.LEAST_MEMORY))
                .clock(clock)
                .build();
        for (int chat = 1; chat <= 40; chat++) {
            histories.append(
                    new HistoryKey(new BotId(77), -chat), List.of(NewEntry.of(ChatRole.USER, "x".repeat(3_000))));
        }
        histories.append(new HistoryKey(new BotId(77), -40), List.of(says("more")));
        assertThat(histories.read(new HistoryKey(new BotId(77), -1)).isEmpty()).isTrue();
        assertThat(histories.read(new HistoryKey(new BotId(77), -30)).entries()).hasSize(1);
        assertThat(histories.read(new HistoryKey(new BotId(77), -40)).entries()).hasSize(2);
    }

    @Test
    void turned_off_reads_go_to_the_store_each_time_and_appends_to_the_store_only() {
        var database = new Database();
        Histories histories = Histories.inMemory()
                .mode(HistoryMode.OFF)
                .store(database)
                .clock(clock)
                .build();
        assertThat(histories.append(ANN, List.of(says("a"))).added()).isEqualTo(1);
        for (int i = 1; i <= 2; i++) {
            assertThat(texts(histories.read(ANN))).containsExactly("a");
            assertThat(database.loads).hasValue(i);
        }
        Histories nothing =
                Histories.inMemory().mode(HistoryMode.OFF).clock(clock).build();
        assertThat(nothing.append(ANN, List.of(says("a"))).added()).isZero();
        assertThat(nothing.read(ANN).isEmpty()).isTrue();
    }
}
