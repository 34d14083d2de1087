package dev.sluice.history;

import static dev.sluice.history.HistoriesFixture.GROUP;
import static dev.sluice.history.HistoriesFixture.says;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What waits for Redis, while it is being written by pages. */
class OwedAppendsTest {
    private static final int PAGE = Histories.MOST_AT_ONCE;

    private final List<String> written = new ArrayList<>();
    private IntConsumer before = page -> {};
    private int pages;

    private final OwedAppends owed = new OwedAppends(
            1 << 20,
            (key, entries) -> {
                before.accept(++pages);
                entries.forEach(entry -> written.add(entry.text()));
            },
            new HistoriesFixture.Events());

    OwedAppendsTest() {
        // Nothing is written but by the test.
        owed.close();
    }

    private void add(long user, int first, int last) {
        owed.add(
                GROUP,
                IntStream.rangeClosed(first, last)
                        .mapToObj(number ->
                                Ready.of(GROUP, says(user + " " + number).from(user), (role, text) -> 1))
                        .toList());
    }

    private static List<String> texts(long user, int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(number -> user + " " + number)
                .toList();
    }

    @Test
    void what_is_forgotten_while_a_page_before_it_is_written_is_not_written() {
        add(42, 1, PAGE);
        add(42, PAGE + 1, 3 * PAGE);
        add(43, 1, 5);
        before = page -> owed.forget(Set.of(42L));
        owed.settle(GROUP);
        assertThat(written).containsExactlyElementsOf(concat(texts(42, 1, PAGE), texts(43, 1, 5)));
        assertThat(owed.chats()).isZero();

        written.clear();
        add(43, 1, 3 * PAGE);
        before = page -> owed.clear();
        owed.settle(GROUP);
        assertThat(written).containsExactlyElementsOf(texts(43, 1, PAGE));
    }

    @Test
    void all_that_waited_is_written_in_its_order_and_what_comes_meanwhile_after_it_or_later() {
        add(42, 1, 2 * PAGE + 1);
        before = page -> add(43, page * PAGE, page * PAGE + PAGE - 1);
        owed.settle(GROUP);
        assertThat(written).startsWith(texts(42, 1, 2 * PAGE + 1).toArray(new String[0]));
        before = page -> {};
        owed.settle(GROUP);
        assertThat(written)
                .containsExactlyElementsOf(concat(texts(42, 1, 2 * PAGE + 1), texts(43, PAGE, 4 * PAGE - 1)));
    }

    @Test
    void what_could_not_be_written_waits_unless_it_is_forgotten_meanwhile() {
        add(42, 1, 3);
        add(43, 1, 3);
        before = page -> {
            owed.forget(Set.of(42L));
            throw new RedisUnavailableException(Reason.NOT_CONNECTED, "away", false, null);
        };
        assertThatThrownBy(() -> owed.settle(GROUP)).isInstanceOf(RedisUnavailableException.class);
        assertThat(owed.of(GROUP)).extracting(Ready::text).containsExactlyElementsOf(texts(43, 1, 3));
    }

    private static List<String> concat(List<String> first, List<String> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
