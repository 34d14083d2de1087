package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.SendLane;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every queue does: acceptance, time, order, shares. What holds and what ends messages comes along. */
abstract class MessageQueueContract extends QueueForgettingContract {
    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final Fingerprint CONTENT = Fingerprint.of(bytes("content"));

    // Acceptance

    @Test
    void a_message_is_claimed_with_all_that_was_said_of_it() {
        MessageId id =
                add(message(ANN, "hello").withPriority(Priority.LOW).costing(3).atLeastOnce());

        Leased leased = claimOne();

        assertThat(leased.id()).isEqualTo(id);
        assertThat(text(leased)).isEqualTo("hello");
        assertThat(leased.attempt()).isEqualTo(1);
        assertThat(leased.priority()).isEqualTo(Priority.LOW);
        assertThat(leased.vip()).isFalse();
        assertThat(leased.send()).isEqualTo(SendLane.BOT);
        assertThat(leased.cost()).isEqualTo(3);
        assertThat(leased.policy()).isEqualTo(DeliveryPolicy.AT_LEAST_ONCE);
        assertThat(leased.lasts()).isEqualTo(LEASE);
        assertThat(leased.accepted()).isEqualTo(instant());
        assertThat(leased.chargedAt()).isEqualTo(clock.getAsLong());
    }

    private Instant instant() {
        return Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS);
    }

    @Test
    void an_empty_queue_gives_nothing_and_never_wakes() {
        assertThat(queue.claim(BOT, 10)).isEqualTo(new Claims(List.of(), Optional.empty()));
        assertThat(statistics().pending()).isZero();
        assertThat(queue.find(new MessageId(BOT, 7))).isEmpty();
        assertThat(queue.why(new MessageId(BOT, 7))).isEmpty();
    }

    @Test
    void numbers_ascend_and_start_at_the_clock() {
        MessageId first = add(ANN, "a");
        MessageId second = add(ANN, "b");
        clock.advance(SECOND);
        MessageId third = add(ANN, "c");

        assertThat(List.of(first, second, third)).isSorted().doesNotHaveDuplicates();
        assertThat(first.number()).isEqualTo(clock.getAsLong() - 1_000_000);
        assertThat(third.number()).isEqualTo(clock.getAsLong());
        assertThat(MessageId.parse(first.toString())).contains(first);
    }

    @Test
    void a_batch_is_accepted_in_order_each_for_itself() {
        reopen(SETTINGS.withBound(2));

        List<Enqueued> enqueued = queue.enqueueAll(
                BOT,
                List.of(
                        message(ANN, "a").once(KEY, CONTENT),
                        message(ANN, "a").once(KEY, CONTENT),
                        message(ANN, "other").once(KEY, Fingerprint.of(bytes("other"))),
                        message(ANN, "b"),
                        message(ANN, "c")));

        MessageId first = added(enqueued.getFirst());
        assertThat(enqueued.subList(1, 3)).containsExactly(new Enqueued.Known(first), new Enqueued.Mismatch(first));
        assertThat(enqueued.get(3)).isInstanceOf(Enqueued.Added.class);
        assertThat(enqueued.get(4)).isEqualTo(new Enqueued.Full(2));
        assertThat(drain()).containsExactly("a", "b");
    }

    @Test
    void a_key_stands_for_its_message_until_the_result_is_forgotten() {
        MessageId id = add(message(ANN, "a").once(KEY, CONTENT));
        clock.advance(SETTINGS.keep().plus(SECOND));

        assertThat(queue.enqueue(BOT, message(ANN, "a").once(KEY, CONTENT))).isEqualTo(new Enqueued.Known(id));

        sent(claimOne());
        assertThat(queue.enqueue(BOT, message(ANN, "a").once(KEY, CONTENT))).isEqualTo(new Enqueued.Known(id));
        assertThat(state(id)).isEqualTo(MessageState.SENT);
        assertThat(statistics().accepted()).isEqualTo(1);
    }

    @Test
    void keys_of_two_bots_have_nothing_to_do_with_each_other() {
        BotId other = new BotId(43);
        MessageId mine = add(message(ANN, "a").once(KEY, CONTENT));
        MessageId theirs = added(queue.enqueue(other, message(ANN, "a").once(KEY, CONTENT)));

        assertThat(theirs.bot()).isEqualTo(other);
        assertThat(mine.bot()).isEqualTo(BOT);
        assertThat(queue.bots()).contains(BOT, other);
        sent(claimOne());
        assertThat(claim(1)).isEmpty();
    }

    @Test
    void a_full_queue_refuses_and_has_room_again_when_a_message_has_left() {
        reopen(SETTINGS.withBound(1));
        add(ANN, "a");
        assertThat(queue.enqueue(BOT, message(BOB, "b"))).isEqualTo(new Enqueued.Full(1));
        assertThat(statistics().accepted()).isEqualTo(1);

        sent(claimOne());

        add(BOB, "b");
    }

    @Test
    void dead_and_unknown_messages_and_delayed_ones_take_room() {
        reopen(SETTINGS.withBound(3));
        add(ANN, "a");
        settle(claimOne(), new Ending.Refused("refused-400"));
        add(ANN, "b");
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        add(message(ANN, "c").notBefore(SECOND));

        assertThat(queue.enqueue(BOT, message(ANN, "d"))).isEqualTo(new Enqueued.Full(3));
    }

    @Test
    void a_newer_message_replaces_a_waiting_one_of_the_same_lane() {
        MessageId older = add(message(ANN, "older").replacing(KEY));
        add(ANN, "between");
        MessageId newer = add(message(ANN, "newer").replacing(KEY));

        assertThat(find(older).failure()).contains(FailureClass.SUPERSEDED);
        assertThat(state(newer)).isEqualTo(MessageState.QUEUED);
        assertThat(drain()).containsExactly("between", "newer");
    }

    @Test
    void a_newer_message_replaces_all_that_sets_no_more_than_itself() {
        var text = new Replacement(KEY, 1 | 2);
        var keyboard = new Replacement(KEY, 2);
        add(message(ANN, "text").replacing(text));
        add(message(ANN, "keyboard").replacing(keyboard));
        add(message(ANN, "newer keyboard").replacing(keyboard));
        add(message(ANN, "other").replacing(new Replacement(KEY, 4)));
        assertThat(texts(queue.claim(BOT, 1).messages())).containsExactly("text");
        assertThat(statistics().failed()).containsEntry(FailureClass.SUPERSEDED, 1L);

        add(message(ANN, "newer text").replacing(text));

        assertThat(statistics().failed()).containsEntry(FailureClass.SUPERSEDED, 2L);
        clock.advance(LEASE);
        assertThat(drain()).containsExactly("other", "newer text");
    }

    @Test
    void what_was_in_flight_and_came_back_unsent_is_replaced_as_if_it_had_waited() {
        add(message(ANN, "first").replacing(KEY));
        Leased leased = claimOne();
        add(message(ANN, "second").replacing(KEY));
        settle(leased, new Ending.NotSent());

        add(message(ANN, "third").replacing(KEY));

        assertThat(drain()).containsExactly("third");
    }

    @Test
    void what_is_in_flight_or_in_another_lane_is_not_replaced() {
        add(message(ANN, "in flight").replacing(KEY));
        Leased leased = claimOne();
        add(message(ANN, "next").replacing(KEY));
        add(message(BOB, "elsewhere").replacing(KEY));

        assertThat(sent(leased)).contains(MessageState.SENT);
        assertThat(drain()).containsExactlyInAnyOrder("next", "elsewhere");
    }

    @Test
    void a_batch_has_its_bound() {
        var many = Collections.nCopies(MessageQueue.MAX_BATCH + 1, message(ANN, "a"));

        assertThatThrownBy(() -> queue.enqueueAll(BOT, many)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.claim(BOT, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(queue.enqueueAll(BOT, List.of())).isEmpty();
        assertThat(queue.enqueueAll(BOT, many.subList(1, many.size()))).hasSize(MessageQueue.MAX_BATCH);
    }

    // Time

    @Test
    void a_delayed_message_joins_when_it_is_due_at_its_place_by_acceptance() {
        MessageId delayed = add(message(ANN, "delayed").notBefore(SECOND));
        add(ANN, "later accepted");
        assertThat(state(delayed)).isEqualTo(MessageState.DELAYED);
        assertThat(hold(delayed)).isEqualTo(new Why.Hold.NotBefore(SECOND));
        assertThat(statistics().delayed()).isEqualTo(1);

        clock.advance(SECOND);

        assertThat(drain()).containsExactly("delayed", "later accepted");
    }

    @Test
    void the_next_wake_up_is_the_earliest_of_what_may_change() {
        add(message(ANN, "delayed").notBefore(SECOND.multipliedBy(9)));
        assertThat(wakeUp()).contains(SECOND.multipliedBy(9));
        add(message(BOB, "drops").notBefore(SECOND.multipliedBy(20)).dropAfter(SECOND.multipliedBy(7)));
        assertThat(wakeUp()).contains(SECOND.multipliedBy(7));
        add(CAT, "leased");
        assertThat(queue.claim(BOT, 2).wakeUp()).contains(LEASE);
    }

    @Test
    void a_claim_that_was_full_says_that_there_may_be_more() {
        add(ANN, "a");
        add(BOB, "b");

        assertThat(queue.claim(BOT, 1).wakeUp()).contains(Duration.ZERO);
        assertThat(queue.claim(BOT, 1).wakeUp()).contains(LEASE);
    }

    @Test
    void what_is_late_fails_as_expired_and_is_not_sent() {
        MessageId late = add(message(ANN, "late").dropAfter(SECOND));
        add(ANN, "patient");
        MessageId delayed =
                add(message(BOB, "delayed").notBefore(SECOND.multipliedBy(2)).dropAfter(SECOND));

        clock.advance(SECOND);

        assertThat(drain()).containsExactly("patient");
        assertThat(find(late).failure()).contains(FailureClass.EXPIRED);
        assertThat(find(delayed).failure()).contains(FailureClass.EXPIRED);
        assertThat(statistics().failed()).containsEntry(FailureClass.EXPIRED, 2L);
    }

    @Test
    void what_is_in_flight_does_not_expire_but_what_comes_back_does() {
        MessageId id = add(message(ANN, "a").dropAfter(SECOND));
        Leased leased = claimOne();
        clock.advance(SECOND.multipliedBy(2));
        assertThat(claim(1)).isEmpty();
        assertThat(state(id)).isEqualTo(MessageState.LEASED);

        settle(leased, new Ending.NotSent());

        assertThat(claim(1)).isEmpty();
        assertThat(find(id).failure()).contains(FailureClass.EXPIRED);
    }

    // Order

    @Test
    void a_chat_has_one_message_in_flight_and_keeps_its_order() {
        add(ANN, "1");
        add(ANN, "2");
        add(ANN, "3");

        Leased first = claimOne();
        assertThat(claim(10)).isEmpty();
        sent(first);

        assertThat(text(first)).isEqualTo("1");
        assertThat(drain()).containsExactly("2", "3");
    }

    @Test
    void a_higher_priority_overtakes_within_its_chat() {
        add(message(ANN, "low").withPriority(Priority.LOW));
        add(ANN, "normal");
        add(message(ANN, "high").withPriority(Priority.HIGH));
        add(message(ANN, "vip").withPriority(Priority.LOW).asVip());
        add(message(ANN, "high too").withPriority(Priority.HIGH));

        assertThat(drain()).containsExactly("vip", "high", "high too", "normal", "low");
    }

    @Test
    void the_oldest_is_the_first_accepted_of_those_in_lanes_however_urgent_the_others_are() {
        assertThat(statistics().oldest()).isEmpty();
        add(message(BOB, "later").notBefore(Duration.ofHours(1)));
        assertThat(statistics().oldest()).isEmpty();
        MessageId first = add(message(ANN, "low").withPriority(Priority.LOW));
        clock.advance(SECOND);
        add(message(ANN, "high").withPriority(Priority.HIGH));
        add(CAT, "other");
        assertThat(texts(claim(1))).containsExactly("high");

        assertThat(statistics().oldest()).contains(find(first).accepted());
    }

    @Test
    void vips_go_first_strictly() {
        for (int chat = 10; chat < 20; chat++) {
            add(message(ChatId.of(chat), "high").withPriority(Priority.HIGH));
            add(message(ChatId.of(-chat), "vip").asVip());
        }

        assertThat(drain().subList(0, 10)).containsOnly("vip");
    }

    @Test
    void priorities_share_as_16_to_4_to_1() {
        for (int i = 0; i < 100; i++) {
            add(message(ChatId.of(1_000 + i), "high").withPriority(Priority.HIGH));
            add(message(ChatId.of(2_000 + i), "normal"));
            add(message(ChatId.of(3_000 + i), "low").withPriority(Priority.LOW));
        }

        List<String> sent = texts(claim(84));

        assertThat(sent.stream().filter("high"::equals)).hasSize(64);
        assertThat(sent.stream().filter("normal"::equals)).hasSize(16);
        assertThat(sent.stream().filter("low"::equals)).hasSize(4);
        assertThat(sent.subList(0, 22)).contains("low");
    }

    @Test
    void a_priority_that_was_idle_has_saved_nothing_up() {
        for (int i = 0; i < 200; i++) {
            add(message(ChatId.of(1_000 + i), "high").withPriority(Priority.HIGH));
        }
        claim(100).forEach(this::sent);
        for (int i = 0; i < 50; i++) {
            add(message(ChatId.of(3_000 + i), "low").withPriority(Priority.LOW));
        }

        List<String> sent = texts(claim(34));

        assertThat(sent.stream().filter("low"::equals).count()).isBetween(1L, 3L);
    }

    @Test
    void a_chat_with_a_backlog_does_not_hold_up_the_others() {
        for (int i = 0; i < 50; i++) {
            add(ANN, "ann");
        }
        add(BOB, "bob");
        add(CAT, "cat");

        assertThat(drain().subList(0, 4)).contains("bob", "cat");
    }

    @Test
    void a_chat_whose_messages_cost_more_gets_fewer_of_them() {
        for (int i = 0; i < 40; i++) {
            add(message(ANN, "album").costing(4));
            add(BOB, "text");
        }

        List<String> sent = drain().subList(0, 30);

        assertThat(sent.stream().filter("album"::equals).count()).isBetween(5L, 8L);
    }

    @Test
    void chats_that_keep_coming_starve_nobody() {
        add(ChatId.of(999), "patient");
        var sent = new ArrayList<String>();
        for (int i = 0; i < 10; i++) {
            add(ChatId.of(i + 1), "newcomer");
            Leased leased = claimOne();
            sent.add(text(leased));
            sent(leased);
        }

        assertThat(sent).contains("patient");
    }

    @Test
    void messages_without_a_chat_are_sent_too() {
        NewMessage edit = NewMessage.withoutChat(bytes("edit"));
        MessageId id = add(edit);
        add(NewMessage.withoutChat(bytes("a")).replacing(KEY));
        MessageId newer = add(NewMessage.withoutChat(bytes("b")).replacing(KEY));

        assertThat(find(id).chat()).isEqualTo("-");
        assertThat(find(newer).chat()).isEqualTo("-");
        assertThat(texts(claim(10))).containsExactlyInAnyOrder("edit", "b");
    }
}
