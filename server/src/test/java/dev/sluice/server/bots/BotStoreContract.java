package dev.sluice.server.bots;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.bots.BotStore.Kept;
import dev.sluice.server.bots.BotStore.Written;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every place for registered bots does. */
abstract class BotStoreContract {
    static final BotId BOT = new BotId(123456);

    abstract BotStore store();

    @Test
    void a_new_store_is_empty() {
        assertThat(store().read().bots()).isEmpty();
    }

    @Test
    void a_record_comes_back_as_it_was_written() {
        var store = store();
        var record = record(BOT)
                .withRules(OwnRules.NONE
                        .withSkipLimits(Optional.of(true))
                        .withJoinTexts(Optional.of(true))
                        .withDedupeContent(Optional.of(MethodSet.of(List.of("sendMessage", "COPYmessage"))))
                        .withOverflow(
                                Optional.of(OverflowRules.of(Map.of("*", Overflow.QUEUE, "sendPhoto", Overflow.ASYNC))))
                        .withPriorities(Optional.of(new PriorityRules(List.of(new PriorityRule(
                                MethodSet.of(List.of("sendPoll")),
                                Optional.of(false),
                                Optional.of(true),
                                Optional.of(false),
                                Optional.of(PriorityRule.Chat.GROUP),
                                Priority.LOW))))));

        assertThat(store.put(record, BotStore.ABSENT)).isEqualTo(Written.DONE);

        assertThat(store.read().find(BOT).map(Kept::record)).hasValue(record);
        assertThat(store.known().flatMap(known -> known.find(BOT)).map(Kept::record))
                .hasValue(record);
    }

    @Test
    void rules_that_decide_nothing_are_told_from_rules_that_decide_against() {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        var other = new BotId(2);
        var against = OwnRules.NONE
                .withSkipLimits(Optional.of(false))
                .withDedupeContent(Optional.of(MethodSet.NONE))
                .withOverflow(Optional.of(OverflowRules.WAIT))
                .withPriorities(Optional.of(new PriorityRules(List.of())));
        store.put(record(other).withRules(against), BotStore.ABSENT);

        assertThat(kept(store, BOT).record().rules()).isEqualTo(OwnRules.NONE);
        assertThat(kept(store, other).record().rules()).isEqualTo(against);
    }

    @Test
    void a_change_made_from_an_older_revision_is_refused_and_changes_nothing() {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        long first = kept(store, BOT).revision();
        store.put(named("second"), first);

        assertThat(store.put(named("late"), first)).isEqualTo(Written.CHANGED);
        assertThat(store.remove(BOT, first)).isEqualTo(Written.CHANGED);
        assertThat(store.put(named("new"), BotStore.ABSENT)).isEqualTo(Written.CHANGED);
        assertThat(kept(store, BOT).record().username()).isEqualTo("second");
        assertThat(kept(store, BOT).revision()).isGreaterThan(first);
    }

    @Test
    void what_was_removed_is_gone_and_may_come_again_under_a_later_revision() {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        long first = kept(store, BOT).revision();

        assertThat(store.remove(BOT, first)).isEqualTo(Written.DONE);
        assertThat(store.read().find(BOT)).isEmpty();
        assertThat(store.remove(BOT, first)).isEqualTo(Written.CHANGED);
        assertThat(store.put(record(BOT), first)).isEqualTo(Written.CHANGED);
        assertThat(store.put(record(BOT), BotStore.ABSENT)).isEqualTo(Written.DONE);
        assertThat(kept(store, BOT).revision()).isGreaterThan(first);
    }

    @Test
    void records_are_in_the_order_of_their_numbers() {
        var store = store();
        IntStream.of(30, 4, 100, 5).forEach(id -> store.put(record(new BotId(id)), BotStore.ABSENT));

        assertThat(store.read().bots().keySet()).containsExactly(4L, 5L, 30L, 100L);
    }

    @Test
    void of_changes_made_at_once_from_one_revision_one_is_written() throws Exception {
        var store = store();
        store.put(record(BOT), BotStore.ABSENT);
        long seen = kept(store, BOT).revision();
        var start = new CountDownLatch(1);
        try (var threads = Executors.newFixedThreadPool(8)) {
            var changes = IntStream.range(0, 8)
                    .mapToObj(i -> threads.submit(() -> {
                        start.await();
                        return store.put(named("name-" + i), seen);
                    }))
                    .toList();
            start.countDown();

            int done = 0;
            for (Future<Written> change : changes) {
                done += change.get() == Written.DONE ? 1 : 0;
            }
            assertThat(done).isEqualTo(1);
        }
    }

    @Test
    void beyond_the_bound_none_is_added_and_those_there_may_still_change() {
        var store = store();
        fill(store, BotStore.MOST_BOTS);
        var more = new BotId(BotStore.MOST_BOTS + 1);

        assertThat(store.put(record(more), BotStore.ABSENT)).isEqualTo(Written.FULL);
        var one = new BotId(1);
        assertThat(store.put(record(one), kept(store, one).revision())).isEqualTo(Written.DONE);
        assertThat(store.remove(one, kept(store, one).revision())).isEqualTo(Written.DONE);
        assertThat(store.put(record(more), BotStore.ABSENT)).isEqualTo(Written.DONE);
    }

    @Test
    void limits_are_kept_for_bots_registered_or_not_and_changed_from_their_own_revision() {
        var store = store();
        SetLimits set = SetLimits.NONE.withShadow(Optional.of(true)).with(LimitScope.USER, Optional.empty());
        assertThat(store.putLimits(BOT, set, BotStore.ABSENT)).isEqualTo(Written.DONE);
        assertThat(store.read().limits(BOT)).isEqualTo(set);
        assertThat(store.putLimits(BOT, SetLimits.NONE, BotStore.ABSENT)).isEqualTo(Written.CHANGED);

        store.put(record(BOT), BotStore.ABSENT);
        long seen = store.read().findLimits(BOT).orElseThrow().revision();
        SetLimits other = set.withShadow(Optional.of(false));
        assertThat(store.putLimits(BOT, other, seen)).isEqualTo(Written.DONE);
        assertThat(store.read().limits(BOT)).isEqualTo(other);
        assertThat(store.read().find(BOT).orElseThrow().record()).isEqualTo(record(BOT));
    }

    @Test
    void limits_go_when_they_are_none_any_more_or_their_bot_is_removed() {
        var store = store();
        SetLimits set = SetLimits.NONE.withShadow(Optional.of(true));
        store.putLimits(BOT, set, BotStore.ABSENT);
        long seen = store.read().findLimits(BOT).orElseThrow().revision();
        assertThat(store.putLimits(BOT, SetLimits.NONE, seen)).isEqualTo(Written.DONE);
        assertThat(store.read().limits()).isEmpty();

        store.put(record(BOT), BotStore.ABSENT);
        store.putLimits(BOT, set, BotStore.ABSENT);
        store.remove(BOT, kept(store, BOT).revision());
        assertThat(store.read().limits()).isEmpty();
        assertThat(store.read().bots()).isEmpty();
    }

    @Test
    void limits_may_be_set_for_as_many_bots_as_there_may_be_and_no_more() {
        var store = store();
        SetLimits set = SetLimits.NONE.withShadow(Optional.of(true));
        fillLimits(store, BotStore.MOST_BOTS, set);
        var more = new BotId(BotStore.MOST_BOTS + 1);

        assertThat(store.putLimits(more, set, BotStore.ABSENT)).isEqualTo(Written.FULL);
        assertThat(store.put(record(more), BotStore.ABSENT)).isEqualTo(Written.DONE);
    }

    /** Sets limits of bots 1 to {@code count}; a store may have a quicker way. */
    abstract void fillLimits(BotStore store, int count, SetLimits limits);

    /** Puts bots 1 to {@code count}; a store may have a quicker way. */
    abstract void fill(BotStore store, int count);

    static BotRecord record(BotId bot) {
        return new BotRecord(
                bot,
                "some_bot",
                ("sealed " + bot).getBytes(UTF_8),
                OwnRules.NONE,
                Instant.parse("2026-01-02T03:04:05Z"),
                Instant.parse("2026-01-02T03:04:05.123456Z"));
    }

    private static BotRecord named(String username) {
        return record(BOT).withToken(new byte[] {1}, username, Instant.EPOCH);
    }

    static Kept kept(BotStore store, BotId bot) {
        return store.read().find(bot).orElseThrow();
    }
}
