package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One chat under several ids, on every queue: it has one lane, one order and one limit as soon as that is known. */
abstract class QueueIdentitiesContract extends QueueFixture {
    private static final ChatId NAME = new ChatId("@Channel");
    private static final ChatId SUPERGROUP = ChatId.of(-1_000_000_000_100L);

    private void oneASecondPerChat() {
        limits = new TelegramLimits(
                NO_LIMITS.bot(), NO_LIMITS.paid(), Limit.atMost(1, SECOND), NO_LIMITS.group(), Optional.empty());
    }

    @Test
    void what_waits_under_the_name_and_what_waits_under_the_number_leave_in_one_order() {
        add(NAME, "1");
        add(SUPERGROUP, "2");
        add(NAME, "3");
        add(message(SUPERGROUP, "first").withPriority(Priority.HIGH));

        queue.identify(BOT, NAME, SUPERGROUP);
        add(NAME, "4");
        add(SUPERGROUP, "5");

        assertThat(drain()).containsExactly("first", "1", "2", "3", "4", "5");
    }

    @Test
    void a_name_in_any_case_and_what_a_group_became_lead_to_one_number() {
        queue.identify(BOT, NAME, GROUP);
        queue.identify(BOT, GROUP, SUPERGROUP);

        assertThat(queue.identity(BOT, new ChatId("@CHANNEL"))).isEqualTo(SUPERGROUP);
        assertThat(queue.identity(BOT, GROUP)).isEqualTo(SUPERGROUP);
        assertThat(queue.identity(BOT, SUPERGROUP)).isEqualTo(SUPERGROUP);
        assertThat(queue.identity(BOT, new ChatId("@other"))).isEqualTo(new ChatId("@other"));
        assertThat(find(add(NAME, "to the name")).chat()).isEqualTo(SUPERGROUP.value());
    }

    @Test
    void a_name_that_was_given_to_another_chat_leads_there() {
        queue.identify(BOT, NAME, GROUP);
        MessageId earlier = add(NAME, "to the first");

        queue.identify(BOT, NAME, SUPERGROUP);

        assertThat(find(add(NAME, "to the second")).chat()).isEqualTo(SUPERGROUP.value());
        assertThat(find(earlier).chat()).isEqualTo(GROUP.value());
        assertThat(drain()).containsExactlyInAnyOrder("to the first", "to the second");
    }

    @Test
    void nothing_goes_round_in_circles() {
        queue.identify(BOT, GROUP, SUPERGROUP);
        queue.identify(BOT, SUPERGROUP, GROUP);
        queue.identify(BOT, GROUP, GROUP);
        add(SUPERGROUP, "a");
        add(GROUP, "b");

        assertThat(queue.identity(BOT, SUPERGROUP)).isEqualTo(SUPERGROUP);
        assertThat(drain()).containsExactly("a", "b");
    }

    @Test
    void one_limit_binds_both_from_then_on_with_what_each_was_charged() {
        oneASecondPerChat();
        add(NAME, "1");
        sent(claimOne());
        MessageId next = add(SUPERGROUP, "2");

        queue.identify(BOT, NAME, SUPERGROUP);

        assertThat(hold(next)).isEqualTo(new Why.Hold.Limited("chat", Decision.Cause.LIMIT, SECOND));
        assertThat(claim(10)).isEmpty();
        clock.advance(SECOND);
        assertThat(drain()).containsExactly("2");
    }

    @Test
    void smooth_limits_count_what_each_was_charged_too() {
        limits = new TelegramLimits(
                NO_LIMITS.bot(), NO_LIMITS.paid(), Limit.smooth(1, SECOND), NO_LIMITS.group(), Optional.empty());
        add(NAME, "1");
        sent(claimOne());
        queue.identify(BOT, NAME, GROUP);
        add(GROUP, "2");
        assertThat(claim(10)).isEmpty();
        clock.advance(SECOND);
        assertThat(texts(claim(10))).containsExactly("2");

        // Long ago it was charged, and it is parked.
        add(new ChatId("@other"), "3");
        settle(claimOne(), new Ending.Flooded(Duration.ofSeconds(30)));
        clock.advance(Duration.ofSeconds(10));
        queue.identify(BOT, new ChatId("@other"), SUPERGROUP);
        assertThat(claim(10)).isEmpty();
        clock.advance(Duration.ofSeconds(20));
        assertThat(texts(claim(10))).containsExactly("3");
    }

    @Test
    void through_any_number_of_ids_a_message_finds_the_last() {
        for (int i = 0; i < 8; i++) {
            queue.identify(BOT, ChatId.of(-200 - i), ChatId.of(-201 - i));
        }

        assertThat(find(add(ChatId.of(-200), "a")).chat()).isEqualTo("-208");
        assertThat(drain()).containsExactly("a");
    }

    @Test
    void what_telegram_said_to_the_one_parks_the_other() {
        oneASecondPerChat();
        add(NAME, "1");
        Leased first = claimOne();
        queue.identify(BOT, NAME, SUPERGROUP);
        add(SUPERGROUP, "2");

        settle(first, new Ending.Flooded(Duration.ofSeconds(30)));

        assertThat(claim(10)).isEmpty();
        clock.advance(Duration.ofSeconds(30));
        assertThat(texts(claim(10))).containsExactly("1");
        clock.advance(SECOND);
        assertThat(claim(10)).as("while one is in flight").isEmpty();
    }

    @Test
    void what_is_leased_comes_back_before_what_has_joined_the_number_meanwhile() {
        add(message(NAME, "1").atLeastOnce());
        add(NAME, "2");
        Leased leased = claimOne();

        queue.identify(BOT, NAME, SUPERGROUP);
        settle(leased, new Ending.NotSent());

        assertThat(drain()).containsExactly("1", "2");
    }

    @Test
    void between_two_attempts_it_keeps_its_place_and_its_count() {
        add(NAME, "1");
        add(NAME, "2");
        Leased leased = claimOne();
        settle(leased, new Ending.Retry("unreachable", Optional.empty()));
        assertThat(statistics().retryingInAll()).isOne();

        queue.identify(BOT, NAME, SUPERGROUP);

        assertThat(statistics().retryingInAll()).isZero();
        assertThat(find(leased.id()).attempts()).isOne();
        assertThat(drain()).containsExactly("1", "2");
    }

    @Test
    void a_lease_that_runs_out_gives_the_message_to_the_number() {
        add(message(NAME, "1").atLeastOnce());
        Leased leased = claimOne();
        queue.identify(BOT, NAME, SUPERGROUP);
        add(SUPERGROUP, "2");
        clock.advance(LEASE);

        Leased again = claimOne();

        assertThat(again.id()).isEqualTo(leased.id());
        assertThat(find(leased.id()).chat()).isEqualTo(SUPERGROUP.value());
        sent(again);
        assertThat(drain()).containsExactly("2");
    }

    @Test
    void what_is_delayed_joins_the_number_when_it_is_due() {
        MessageId delayed = add(message(NAME, "later").notBefore(SECOND));
        queue.identify(BOT, NAME, SUPERGROUP);
        add(SUPERGROUP, "now");
        clock.advance(SECOND);

        assertThat(drain()).containsExactly("later", "now");
        assertThat(find(delayed).chat()).isEqualTo(SUPERGROUP.value());
    }

    @Test
    void a_pause_goes_along_and_is_lifted_by_either_id() {
        queue.pause(BOT, new PauseScope.OneChat(NAME));
        add(NAME, "1");
        add(SUPERGROUP, "2");

        queue.identify(BOT, NAME, SUPERGROUP);
        assertThat(claim(10)).isEmpty();
        assertThat(statistics().pausedChats()).isOne();
        queue.resume(BOT, new PauseScope.OneChat(NAME));

        assertThat(drain()).containsExactly("1", "2");
        queue.pause(BOT, new PauseScope.OneChat(NAME));
        add(SUPERGROUP, "3");
        assertThat(claim(10)).isEmpty();
    }

    @Test
    void an_edit_replaces_one_that_was_queued_under_the_name() {
        Replacement target = new Replacement("0123456789abcdef0123456789abcdef", 1);
        add(message(NAME, "older").notBefore(SECOND).replacing(target));
        queue.identify(BOT, NAME, SUPERGROUP);
        add(message(SUPERGROUP, "newer").replacing(target));
        clock.advance(SECOND);

        assertThat(drain()).containsExactly("newer");
    }

    @Test
    void dead_letters_are_found_under_either_id() {
        add(NAME, "refused");
        Leased leased = claimOne();
        queue.identify(BOT, NAME, SUPERGROUP);
        settle(leased, new Ending.Refused("refused-400"));

        for (ChatId chat : List.of(NAME, SUPERGROUP)) {
            assertThat(queue.deadLetters()
                            .page(BOT, ListFilter.ALL.ofChat(chat), DeadLetters.START, 10)
                            .items())
                    .hasSize(1);
        }
    }

    @Test
    void many_waiting_messages_join_in_their_order() {
        for (int i = 0; i < 10; i++) {
            queue.enqueueAll(
                    BOT,
                    IntStream.range(i * 100, i * 100 + 100)
                            .mapToObj(number -> message(NAME, Integer.toString(number)))
                            .toList());
        }

        queue.identify(BOT, NAME, SUPERGROUP);

        assertThat(statistics().depth()).containsEntry(Priority.NORMAL, 1_000L);
        add(SUPERGROUP, "last");
        assertThat(drain())
                .containsExactlyElementsOf(
                        Stream.concat(IntStream.range(0, 1_000).mapToObj(Integer::toString), Stream.of("last"))
                                .toList());
    }

    @Test
    void only_groups_are_known_by_other_ids_and_only_by_numbers() {
        assertThatThrownBy(() -> queue.identify(BOT, ANN, SUPERGROUP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("only groups and channels get another id, not 1");
        assertThatThrownBy(() -> queue.identify(BOT, NAME, new ChatId("@other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a chat is known by a number, not by a name");
    }
}
