package dev.sluice.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What histories promise wherever they are. */
@Timeout(60)
abstract class HistoriesContract extends LoadedHistoriesContract {
    @Test
    void what_was_appended_is_there_in_its_order_with_all_that_was_brought() {
        Histories histories = made(builder());
        assertThat(histories.read(GROUP)).isEqualTo(new History(List.of(), 0, true));
        Instant before = now().minusSeconds(30);
        Appended first = histories.append(
                GROUP,
                List.of(
                        NewEntry.of(ChatRole.USER, "Wie spät?").id(17).from(42).at(before),
                        NewEntry.of(ChatRole.SYSTEM, "").tokens(0)));
        assertThat(first.added()).isEqualTo(2);
        clock.advance(Duration.ofSeconds(1));
        Appended second = histories.append(
                GROUP,
                List.of(NewEntry.of(ChatRole.ASSISTANT, "Late \ud83d\ude00, \ud83d")
                        .id("answer to 17")));
        assertThat(second.version()).isGreaterThan(first.version());
        History read = histories.read(GROUP);
        assertThat(read.version()).isEqualTo(second.version());
        assertThat(read.complete()).isTrue();
        assertThat(read.entries().get(0))
                .isEqualTo(new HistoryEntry(ChatRole.USER, "Wie spät?", "17", before, OptionalLong.of(42), 4 + 3));
        assertThat(read.entries().get(1).tokens()).isZero();
        assertThat(read.entries().get(1).id()).hasSize(36);
        assertThat(read.entries().get(2).text()).isEqualTo("Late \ud83d\ude00, \ufffd");
        assertThat(read.entries().get(2).time()).isEqualTo(now());
        assertThat(read.entries().get(2).user()).isEmpty();
        assertThat(histories.read(new HistoryKey(new BotId(78), GROUP.chat())).isEmpty())
                .isTrue();
        assertThat(histories.read(ANN).isEmpty()).isTrue();
    }

    @Test
    void an_id_that_comes_again_is_there_once() {
        Histories histories = made(builder());
        Appended first = histories.append(ANN, List.of(says("a"), says("b"), says("a")));
        assertThat(first.added()).isEqualTo(2);
        assertThat(first.duplicates()).isEqualTo(1);
        Appended again = histories.append(
                ANN, List.of(NewEntry.of(ChatRole.USER, "other").id("b")));
        assertThat(again.added()).isZero();
        assertThat(again.version()).isEqualTo(first.version());
        assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
    }

    @Test
    void the_order_is_that_of_appending_whatever_the_times_say() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("second").at(now())));
        histories.append(ANN, List.of(says("first").at(now().minusSeconds(60))));
        histories.append(ANN, List.of(says("tomorrow").at(now().plusSeconds(86_400))));
        History read = histories.read(ANN);
        assertThat(texts(read)).containsExactly("second", "first", "tomorrow");
        assertThat(read.entries().getLast().time()).isEqualTo(now());
    }

    @Test
    void the_oldest_goes_first_by_count_by_tokens_and_by_age() {
        Histories histories = made(builder());
        for (int i = 1; i <= 80; i++) {
            histories.append(ANN, List.of(says("e" + i)));
        }
        assertThat(texts(histories.read(ANN))).hasSize(70).startsWith("e11").endsWith("e80");
        histories.append(ANN, List.of(says("long").tokens(990)));
        assertThat(texts(histories.read(ANN))).hasSize(11).startsWith("e71").endsWith("long");
        clock.advance(SETTINGS.keep().minusMillis(1));
        histories.append(ANN, List.of(says("older").at(now().minus(Duration.ofMinutes(59)))));
        assertThat(texts(histories.read(ANN))).endsWith("long", "older");
        clock.advance(Duration.ofMinutes(1));
        assertThat(texts(histories.read(ANN))).endsWith("long");
    }

    @Test
    void what_alone_is_too_much_stays_alone_and_is_shown_to_whoever_has_room() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a"), says("huge").tokens(5_000)));
        assertThat(texts(histories.read(ANN))).containsExactly("huge");
        assertThat(histories.read(ANN, 10, 1_000).isEmpty()).isTrue();
        histories.append(ANN, List.of(says("b")));
        assertThat(texts(histories.read(ANN))).containsExactly("b");
    }

    @Test
    void a_reader_says_how_many_and_how_much() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a"), says("b").tokens(10), says("c"), says("d")));
        assertThat(texts(histories.read(ANN, 2, 1_000))).containsExactly("c", "d");
        assertThat(texts(histories.read(ANN, 9, 11))).containsExactly("c", "d");
        assertThat(texts(histories.read(ANN, 9, 12))).containsExactly("b", "c", "d");
        assertThat(histories.read(ANN, 9, 12).tokens()).isEqualTo(12);
    }

    @Test
    void a_history_ends_its_time_after_the_last_append_and_reading_makes_no_difference() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a")));
        clock.advance(SETTINGS.keep().minusMillis(1));
        histories.append(ANN, List.of(says("b")));
        clock.advance(SETTINGS.keep().minusMillis(1));
        assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
        clock.advance(Duration.ofMillis(1));
        assertThat(histories.read(ANN)).isEqualTo(new History(List.of(), 0, true));
        histories.append(ANN, List.of(says("c")));
        assertThat(texts(histories.read(ANN))).containsExactly("c");
    }

    @Test
    void of_64_appends_at_once_none_is_lost_and_the_order_is_that_of_their_versions() throws Exception {
        List<Histories> all = replicas();
        Map<Long, String> byVersion = new TreeMap<>(new ConcurrentHashMap<>());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Map.Entry<Long, String>>> appends = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String text = "e" + i;
                Histories histories = all.get(i % all.size());
                appends.add(threads.submit(() ->
                        Map.entry(histories.append(ANN, List.of(says(text))).version(), text)));
            }
            for (var append : appends) {
                byVersion.put(append.get().getKey(), append.get().getValue());
            }
        }
        assertThat(byVersion).hasSize(64);
        assertThat(texts(all.getFirst().read(ANN))).containsExactlyElementsOf(byVersion.values());
    }

    @Test
    void clearing_leaves_nothing_and_says_how_much_there_was() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        histories.append(ANN, List.of(says("a"), says("b")));
        histories.append(GROUP, List.of(says("g")));
        assertThat(database.rows).hasSize(3);
        assertThat(histories.clear(ANN)).isEqualTo(2);
        assertThat(histories.clear(ANN)).isZero();
        assertThat(database.rows).hasSize(1);
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(texts(histories.read(GROUP))).containsExactly("g");
    }

    @Test
    void of_a_user_who_is_forgotten_nothing_is_left_anywhere() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        histories.append(ANN, List.of(says("a"), NewEntry.of(ChatRole.ASSISTANT, "to a")));
        histories.append(
                GROUP,
                List.of(says("theirs").from(42), says("others").from(43), NewEntry.of(ChatRole.ASSISTANT, "bot's")));
        HistoryKey loading = new HistoryKey(new BotId(77), -5);
        HistoryLists lists = histories.lists().orElseThrow();
        lists.lease(loading, Selection.NOTHING, "f", Duration.ofSeconds(5));
        assertThat(histories.family()).isEqualTo("recent_history");
        assertThat(histories.forget(42)).isEqualTo(6);
        assertThat(histories.forget(42)).isZero();
        assertThat(lists.fill(loading, "f", List.of(line("theirs")))).isFalse();
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(texts(histories.read(GROUP))).containsExactly("others", "bot's");
        assertThat(database.rows).hasSize(2);
    }

    @Test
    void what_a_user_of_level_none_says_is_read_where_it_was_said_and_no_store_has_it() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        levels.set(42, PrivacyLevel.NONE);
        histories.append(ANN, List.of(says("a"), NewEntry.of(ChatRole.ASSISTANT, "to a")));
        assertThat(histories.append(ANN, List.of(says("a"))).shared()).isFalse();
        histories.append(
                GROUP,
                List.of(
                        says("one").from(43),
                        says("two").from(42),
                        says("three").from(43)));
        clock.advance(Duration.ofSeconds(1));
        histories.append(GROUP, List.of(says("four").from(42)));
        clock.advance(Duration.ofSeconds(1));
        histories.append(GROUP, List.of(says("five").from(43)));
        assertThat(texts(histories.read(ANN))).containsExactly("a", "to a");
        assertThat(texts(histories.read(GROUP))).containsExactly("one", "two", "three", "four", "five");
        assertThat(texts(histories.read(GROUP, 2, 100))).containsExactly("four", "five");
        assertThat(database.rows).extracting(row -> row.entry().text()).containsExactly("one", "three", "five");
        assertThat(histories.forgetText(42)).isZero();
        assertThat(texts(histories.read(ANN))).containsExactly("a", "to a");
        assertThat(histories.forget(42)).isEqualTo(4);
        assertThat(texts(histories.read(GROUP))).containsExactly("one", "three", "five");
    }

    @Test
    void of_what_a_store_has_nevertheless_a_user_of_level_none_is_left_out() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        levels.set(42, PrivacyLevel.NONE);
        database.append(
                GROUP,
                List.of(says("one").from(43).at(now()), says("two").from(42).at(now())));
        database.append(ANN, List.of(says("a").at(now())));
        assertThat(texts(histories.read(GROUP))).containsExactly("one");
        assertThat(histories.read(ANN).isEmpty()).isTrue();
    }

    @Test
    void what_is_no_entry_is_refused_and_shown_nowhere() {
        Histories histories = made(builder());
        assertThatThrownBy(() -> NewEntry.of(ChatRole.USER, "secret".repeat(11_000)))
                .hasMessageContaining("65536 bytes")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> says("a").id("secret".repeat(30)))
                .hasMessageContaining("1 to 128 characters, not 180")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> says("a").tokens(-1)).hasMessageContaining("0 to 1000000, not -1");
        assertThatThrownBy(() -> says("a").from(0)).hasMessageContaining("1 to 2^53, not 0");
        assertThatThrownBy(() -> says("a").at(Instant.MIN)).hasMessageContaining("1970");
        assertThatThrownBy(
                        () -> histories.append(ANN, List.of(says("a"), says("b").from(43))))
                .hasMessageContaining("42, not 43");
        assertThatThrownBy(() -> histories.append(ANN, List.of())).hasMessageContaining("1 to 100, not 0");
        assertThatThrownBy(() -> histories.read(ANN, 501, 1)).hasMessageContaining("1 to 500, not 501");
        assertThatThrownBy(() -> ChatRole.of("secret"))
                .hasMessageContaining("user, assistant, system")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> new HistoryKey(new BotId(1), 0)).hasMessageContaining("not 0");
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(says("secret").toString() + histories.read(ANN)).doesNotContain("secret");
        assertThat(Arrays.stream(ChatRole.values()).map(role -> ChatRole.of(role.word())))
                .containsExactly(ChatRole.values());
    }
}
