package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every queue does with messages that may be sent as one. */
abstract class QueueJointContract extends QueueListsContract {
    private static final String KIND = "abcdef0123456789abcdef0123456789";
    private static final Joint SHORT = new Joint(KIND, 100);

    private NewMessage text(String text) {
        return message(ANN, text).joining(SHORT);
    }

    /** So many, of which the first is leased. */
    private Leased first(int count) {
        for (int i = 1; i <= count; i++) {
            add(text(Integer.toString(i)));
        }
        return claimOne();
    }

    @Test
    void what_is_right_behind_a_leased_message_is_leased_with_it_and_charged_nothing() {
        limits = new TelegramLimits(
                Limit.atMost(1, Duration.ofSeconds(20)),
                NO_LIMITS.paid(),
                NO_LIMITS.chat(),
                NO_LIMITS.group(),
                Optional.empty());
        Leased head = first(4);

        List<Leased> along = queue.claimAlong(head.lease(), 3);

        assertThat(texts(along)).containsExactly("2", "3", "4");
        assertThat(statistics().leased()).isEqualTo(4);
        assertThat(along).extracting(it -> find(it.id()).chat()).containsOnly("1");
        assertThat(along).extracting(it -> queue.cancel(it.id())).containsOnly(Change.IN_FLIGHT);
        assertThat(hold(along.getFirst().id())).isInstanceOf(Why.Hold.InFlight.class);
        assertThat(queue.claimAlong(head.lease(), 0)).isEmpty();
        all(head, along).forEach(it -> assertThat(sent(it)).contains(MessageState.SENT));
        assertThat(statistics().sent()).isEqualTo(4);
    }

    private static List<Leased> all(Leased head, List<Leased> along) {
        var all = new ArrayList<Leased>();
        all.add(head);
        all.addAll(along);
        return all;
    }

    @Test
    void it_takes_a_backlog() {
        Leased head = first(4);

        assertThat(queue.claimAlong(head.lease(), 4)).isEmpty();
        assertThat(queue.claimAlong(new Lease(head.id(), head.lease().fence() + 1), 0))
                .isEmpty();
        assertThat(statistics().leased()).isEqualTo(1);
    }

    @Test
    void the_first_that_is_unlike_or_too_long_ends_what_goes_along() {
        add(text("1"));
        add(message(ANN, "2").joining(new Joint(KIND, 3_994)));
        add(message(ANN, "3").joining(new Joint(KIND, 1)));
        Leased head = claimOne();
        assertThat(texts(queue.claimAlong(head.lease(), 0))).containsExactly("2");

        for (NewMessage unlike : List.of(
                message(BOB, "x"),
                message(BOB, "x").joining(new Joint("0123456789abcdef0123456789abcdef", 5)),
                message(BOB, "x").joining(SHORT).withPriority(Priority.HIGH),
                message(BOB, "x").joining(SHORT).withPriority(Priority.LOW),
                message(BOB, "x").joining(SHORT).inPaidLane(),
                message(BOB, "x").joining(SHORT).atLeastOnce())) {
            add(message(BOB, "first").joining(SHORT));
            Leased other = claimOne();
            add(unlike);
            add(message(BOB, "last").joining(SHORT).withPriority(Priority.LOW));
            assertThat(queue.claimAlong(other.lease(), 0)).as("%s", unlike).isEmpty();
            sent(other);
            claim(1).forEach(this::sent);
            claim(1).forEach(this::sent);
        }
    }

    @Test
    void what_was_not_sent_is_back_at_its_place() {
        Leased head = first(3);
        List<Leased> along = queue.claimAlong(head.lease(), 0);
        add(text("4"));

        queue.settle(
                BOT,
                List.of(
                        along.get(1).ends(new Ending.NotSent()),
                        head.ends(new Ending.NotSent()),
                        along.get(0).ends(new Ending.NotSent())));

        assertThat(statistics().leased()).isZero();
        assertThat(drain()).containsExactly("1", "2", "3", "4");
    }

    @Test
    void after_a_429_all_of_them_wait_until_it_is_over() {
        Leased head = first(3);
        List<Leased> along = queue.claimAlong(head.lease(), 0);

        all(head, along).forEach(it -> settle(it, new Ending.Flooded(SECOND)));

        assertThat(claim(5)).isEmpty();
        assertThat(wakeUp()).contains(SECOND);
        clock.advance(SECOND);
        assertThat(drain()).containsExactly("1", "2", "3");
    }

    @Test
    void each_ends_for_itself_and_again_changes_nothing() {
        Leased head = first(4);
        List<Leased> along = queue.claimAlong(head.lease(), 0);
        List<Ending> endings =
                List.of(new Ending.Refused("refused-400"), new Ending.Unanswered("reset"), new Ending.Retry("later"));
        sent(head);
        for (int i = 0; i < endings.size(); i++) {
            settle(along.get(i), endings.get(i));
        }
        QueueStatistics once = statistics();
        for (int i = 0; i < endings.size(); i++) {
            settle(along.get(i), endings.get(i));
        }

        assertThat(statistics()).isEqualTo(once);
        assertThat(once.dead()).isEqualTo(1);
        assertThat(once.unknown()).isEqualTo(1);
        assertThat(queue.deadLetters()
                        .page(BOT, ListFilter.ALL.ofChat(ANN), DeadLetters.START, 5)
                        .items())
                .hasSize(1);
        queue.unknowns().resolve(along.get(1).id(), UnknownMessages.Resolution.REQUEUE);
        assertThat(drain()).containsExactly("3", "4");
    }

    @Test
    void a_worker_that_dies_leaves_all_of_them_unknown_and_the_lane_goes_on() {
        Leased head = first(3);
        List<Leased> along = queue.claimAlong(head.lease(), 0);
        add(text("4"));
        assertThat(queue.extend(BOT, List.of(along.getFirst().lease()), LEASE.multipliedBy(2)))
                .containsExactly(true);
        clock.advance(LEASE);

        assertThat(drain()).containsExactly("4");

        assertThat(statistics().unknown()).isEqualTo(2);
        assertThat(statistics().leased()).isEqualTo(1);
        clock.advance(LEASE);
        assertThat(claim(1)).isEmpty();
        assertThat(statistics().unknown()).isEqualTo(3);
        assertThat(sent(along.getFirst())).contains(MessageState.SENT);
        assertThat(find(along.getLast().id()).chat()).isEqualTo("1");
    }

    @Test
    void a_pause_of_the_chat_finds_what_comes_back() {
        Leased head = first(2);
        List<Leased> along = queue.claimAlong(head.lease(), 0);
        queue.pause(BOT, new PauseScope.OneChat(ANN));
        all(head, along).forEach(it -> settle(it, new Ending.NotSent()));

        assertThat(claim(2)).isEmpty();
        queue.resume(BOT, new PauseScope.OneChat(ANN));
        assertThat(drain()).containsExactly("1", "2");
    }

    @Test
    void no_more_go_along_than_a_batch_may_hold() {
        for (int i = 0; i <= MessageQueue.MAX_ALONG + 1; i++) {
            add(message(ChatId.of(9), "a").joining(new Joint(KIND, 1)));
        }
        Leased head = claimOne();

        List<Leased> along = queue.claimAlong(head.lease(), 0);

        assertThat(along).hasSize(MessageQueue.MAX_ALONG);
        all(head, along).forEach(this::sent);
        assertThat(drain()).hasSize(1);
    }
}
