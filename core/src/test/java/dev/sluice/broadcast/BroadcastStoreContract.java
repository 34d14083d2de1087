package dev.sluice.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageState;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every store of broadcasts does. */
abstract class BroadcastStoreContract extends BroadcastChangesContract {
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    private static NewBroadcast under(String key, String content) {
        return new NewBroadcast(
                TEMPLATE,
                5,
                0,
                Priority.LOW,
                false,
                false,
                Optional.of(new NewBroadcast.Once(key, Fingerprint.of(bytes(content)))));
    }

    private static NewBroadcast toEverybody(int recipients) {
        return new NewBroadcast(TEMPLATE, recipients, 0, Priority.LOW, false, true, Optional.empty());
    }

    // Uploads

    @Test
    void a_draft_is_seen_by_nobody_until_it_is_started() {
        BroadcastId draft = draft(5);

        assertThat(store.find(draft)).isEmpty();
        assertThat(store.list(BOT, OptionalLong.empty(), 10)).isEmpty();
        assertThat(store.unfinished(BOT)).isEmpty();
        assertThat(store.pause(draft)).isEqualTo(BroadcastChange.ABSENT);

        assertThat(store.start(draft, to(5))).isEqualTo(new Started.Running(draft));
        assertThat(store.list(BOT, OptionalLong.empty(), 10)).containsExactly(draft);
        assertThat(store.unfinished(BOT)).containsExactly(draft);
        assertThat(store.bots()).contains(BOT);
    }

    @Test
    void what_was_said_of_it_is_found_again() {
        BroadcastId id = running(new NewBroadcast(TEMPLATE, 7, 3, Priority.HIGH, true, false, Optional.empty()));

        Progress progress = progress(id);

        assertThat(progress.status()).isEqualTo(BroadcastStatus.RUNNING);
        assertThat(progress.priority()).isEqualTo(Priority.HIGH);
        assertThat(progress.paid()).isTrue();
        assertThat(progress.accepted()).isEqualTo(7);
        assertThat(progress.duplicates()).isEqualTo(3);
        assertThat(progress.waiting()).isEqualTo(7);
        assertThat(progress.ended()).isEmpty();
        assertThat(BroadcastId.parse(id.toString())).contains(id);
    }

    @Test
    void a_discarded_draft_is_gone_and_a_started_one_stays() {
        BroadcastId draft = draft(5);
        store.discard(draft);

        assertThat(store.add(draft, 1, bytes("more"))).isFalse();
        assertThat(store.start(draft, to(5))).isEqualTo(new Started.Lost());

        BroadcastId started = running(5);
        store.discard(started);
        assertThat(drain(started)).hasSize(5);
    }

    @Test
    void to_start_again_changes_nothing() {
        BroadcastId id = running(5);
        feed(id);

        assertThat(store.start(id, to(5))).isEqualTo(new Started.Running(id));
        assertThat(progress(id).queued()).isEqualTo(5);
    }

    @Test
    void one_key_starts_one_broadcast() {
        BroadcastId first = running(under(KEY, "content"));
        BroadcastId twin = draft(5);
        BroadcastId other = draft(5);

        assertThat(store.start(twin, under(KEY, "content"))).isEqualTo(new Started.Known(first));
        assertThat(store.start(twin, under(KEY, "content"))).isEqualTo(new Started.Known(first));
        assertThat(store.start(other, under(KEY, "other"))).isEqualTo(new Started.Mismatch(first));
        assertThat(store.list(BOT, OptionalLong.empty(), 10)).containsExactly(first);
    }

    @Test
    void a_bot_has_so_many_unfinished_ones_and_no_more() {
        BroadcastId first = running(1);
        running(1);
        running(1);

        assertThat(store.start(draft(1), to(1))).isEqualTo(new Started.TooMany(3));

        drain(first);
        assertThat(store.unfinished(BOT)).hasSize(2);
        running(1);
    }

    @Test
    void lists_begin_with_the_newest_and_go_on_where_they_ended() {
        BroadcastId first = running(1);
        clock.advance(SECOND);
        BroadcastId second = running(1);
        BroadcastId third = running(1);

        assertThat(third.number()).isGreaterThan(second.number());
        assertThat(store.list(BOT, OptionalLong.empty(), 2)).containsExactly(third, second);
        assertThat(store.list(BOT, OptionalLong.of(second.number()), 2)).containsExactly(first);
        assertThat(store.list(new BotId(43), OptionalLong.empty(), 2)).isEmpty();
    }

    // Feeding

    @Test
    void everybody_is_sent_to_once_through_a_bounded_window() {
        BroadcastId id = running(1234);
        int mostQueued = 0;
        var sent = new ArrayList<String>();
        while (progress(id).ended().isEmpty()) {
            feed(id);
            mostQueued = Math.max(mostQueued, progress(id).queued());
            sent.addAll(sendAll());
            tend(id);
        }

        assertThat(mostQueued).isEqualTo(10);
        assertThat(sent).doesNotHaveDuplicates().hasSize(1234).contains("0", "499", "500", "1233");
        assertThat(progress(id).status()).isEqualTo(BroadcastStatus.DONE);
        assertThat(progress(id).outcomes()).isEqualTo(Map.of(RecipientOutcome.SENT, 1234));
        assertThat(store.unfinished(BOT)).isEmpty();
        assertThat(queue.statistics(BOT).sent()).isEqualTo(1234);
    }

    @Test
    void chunks_and_template_come_back_as_they_were_given() {
        BroadcastId id = running(501);

        Unfed unfed = tend(id).unfed().orElseThrow();

        assertThat(unfed.recipients()).hasSize(500).startsWith(0, 1).endsWith(499);
        assertThat(unfed.chunk()).isEqualTo(bytes("chunk 0"));
        assertThat(unfed.template()).isEqualTo(TEMPLATE);
        assertThat(store.chunk(id, 1)).contains(bytes("chunk 1"));
        assertThat(store.chunk(id, 2)).isEmpty();
    }

    @Test
    void who_comes_second_feeds_nobody_a_second_time() {
        BroadcastId id = running(8);
        List<Feeding> same =
                IntStream.range(0, 8).mapToObj(BroadcastFixture::feeding).toList();

        assertThat(store.feed(id, same)).isEqualTo(new Fed(8, 0, false));
        assertThat(store.feed(id, same)).isEqualTo(new Fed(0, 0, false));
        assertThat(sendAll()).hasSize(8);
        assertThat(store.feed(id, same)).isEqualTo(new Fed(0, 0, false));
    }

    @Test
    void many_that_feed_and_tend_at_once_send_to_everybody_once() throws Exception {
        BroadcastId id = running(600);
        var sent = Collections.synchronizedList(new ArrayList<String>());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                threads.submit(() -> {
                    while (progress(id).ended().isEmpty()) {
                        feed(id);
                        sent.addAll(sendAll());
                    }
                    return null;
                });
            }
        }

        assertThat(sent).hasSize(600).doesNotHaveDuplicates();
        assertThat(progress(id).count(RecipientOutcome.SENT)).isEqualTo(600);
    }

    @Test
    void a_full_queue_is_said_and_fed_again_when_it_has_room() {
        reopen(QueueSettings.DEFAULT.withBound(4), SETTINGS);
        BroadcastId id = running(6);

        assertThat(feed(id)).isEqualTo(new Fed(4, 0, true));
        assertThat(progress(id).waiting()).isEqualTo(2);
        assertThat(drain(id)).hasSize(6);
    }

    @Test
    void who_cannot_be_read_is_refused_and_holds_nobody_up() {
        BroadcastId id = running(3);

        assertThat(store.feed(id, List.of(feeding(0), new Feeding(1, Optional.empty()), feeding(2))))
                .isEqualTo(new Fed(2, 1, false));
        assertThat(drain(id)).containsExactlyInAnyOrder("0", "2");
        assertThat(outcomes(id))
                .containsExactly(RecipientOutcome.SENT, RecipientOutcome.REFUSED, RecipientOutcome.SENT);
    }

    @Test
    void steps_of_a_wrong_form_are_refused() {
        BroadcastId id = running(600);

        assertThatThrownBy(() -> store.feed(id, List.of())).hasMessageContaining("1 to 200");
        assertThatThrownBy(() -> store.feed(id, List.of(feeding(1), feeding(1))))
                .hasMessageContaining("ascend");
        assertThatThrownBy(() -> store.feed(id, List.of(feeding(499), feeding(500))))
                .hasMessageContaining("one chunk");
        assertThatThrownBy(() -> store.outcomes(id, 0, BroadcastStore.MOST_READ + 1))
                .hasMessageContaining("10000");
    }

    @Test
    void two_broadcasts_of_a_bot_share() {
        BroadcastId first = running(300);
        BroadcastId second = running(300);
        for (int round = 0; round < 20; round++) {
            feed(first);
            feed(second);
            claim(10).forEach(leased -> settle(leased, new Ending.Sent(bytes(""))));
            tend(first);
            tend(second);
        }

        assertThat(progress(first).count(RecipientOutcome.SENT)).isBetween(80, 120);
        assertThat(progress(second).count(RecipientOutcome.SENT)).isBetween(80, 120);
    }

    // Outcomes

    @Test
    void every_ending_is_counted_as_what_it_was() {
        BroadcastId id = running(6);
        feed(id);
        List<Leased> leased = claim(6);
        settle(leased.get(0), new Ending.Sent(bytes("result")));
        settle(leased.get(1), new Ending.Refused("refused-400"));
        settle(leased.get(2), new Ending.Unanswered("no-answer"));
        settle(leased.get(3), new Ending.Suppressed("blocked"));
        settle(leased.get(4), new Ending.NotSent());

        Tended tended = tend(id);

        assertThat(tended.ended())
                .isEqualTo(Map.of(
                        RecipientOutcome.SENT,
                        1,
                        RecipientOutcome.REFUSED,
                        1,
                        RecipientOutcome.UNKNOWN,
                        1,
                        RecipientOutcome.SUPPRESSED,
                        1));
        assertThat(progress(id).queued()).isEqualTo(2);
        assertThat(queue.statistics(BOT).dead()).isEqualTo(1);
        assertThat(queue.find(leased.get(2).id()).orElseThrow().state()).isEqualTo(MessageState.UNKNOWN);
        assertThat(outcomes(id)).contains(RecipientOutcome.QUEUED);

        settle(leased.get(5), new Ending.Sent(bytes("result")));
        sendAll();
        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.DONE);
        assertThat(tend(id).ended()).isEmpty();
    }

    @Test
    void a_message_taken_back_by_hand_is_cancelled() {
        BroadcastId id = running(1);
        feed(id);
        Leased leased = claim(1).getFirst();
        settle(leased, new Ending.NotSent());
        queue.cancel(leased.id());

        tend(id);

        assertThat(outcomes(id)).containsExactly(RecipientOutcome.CANCELLED);
    }

    @Test
    void what_the_queue_has_forgotten_is_unknown() {
        reopen(QueueSettings.DEFAULT.withKeep(Duration.ZERO), SETTINGS);
        BroadcastId id = running(1);
        feed(id);
        sendAll();

        tend(id);

        assertThat(outcomes(id)).containsExactly(RecipientOutcome.UNKNOWN);
    }

    @Test
    void a_chat_that_cannot_be_reached_is_skipped_by_later_broadcasts_of_its_bot_unless_they_are_for_everybody() {
        BroadcastId first = running(2);
        feed(first);
        for (Leased leased : claim(2)) {
            boolean blocked = new String(leased.payload(), StandardCharsets.UTF_8).equals("1");
            settle(leased, blocked ? new Ending.Suppressed("blocked") : new Ending.Sent(bytes("")));
        }
        tend(first);

        BroadcastId second = running(2);
        assertThat(feed(second)).isEqualTo(new Fed(1, 1, false));
        assertThat(drain(second)).containsExactly("0");
        assertThat(outcomes(second)).containsExactly(RecipientOutcome.SENT, RecipientOutcome.SKIPPED);

        BroadcastId everybody = running(toEverybody(2));
        assertThat(drain(everybody)).hasSize(2);
        assertThat(drain(running(2))).as("it was reached again").hasSize(2);
    }

    @Test
    void a_chat_that_cannot_be_reached_is_skipped_under_any_of_its_ids() {
        ChatId before = ChatId.of(-5);
        ChatId now = ChatId.of(-1_000_000_000_005L);
        ChatId name = new ChatId("@channel");
        queue.identify(BOT, before, now);
        queue.identify(BOT, name, now);
        BroadcastId first = running(1);
        tend(first);
        store.feed(first, List.of(feeding(0, before)));
        settle(claim(1).getFirst(), new Ending.Suppressed("kicked"));
        tend(first);

        BroadcastId second = running(3);
        tend(second);
        store.feed(second, List.of(feeding(0, before), feeding(1, now), feeding(2, name)));

        assertThat(outcomes(second))
                .containsExactly(RecipientOutcome.SKIPPED, RecipientOutcome.SKIPPED, RecipientOutcome.SKIPPED);
    }

    private static Feeding feeding(int recipient, ChatId chat) {
        return new Feeding(
                recipient, Optional.of(NewMessage.to(chat, bytes("text")).withPriority(Priority.LOW)));
    }

    // Rate

    @Test
    void the_expected_end_goes_by_the_rate_of_the_last_seconds() {
        BroadcastId id = running(1000);
        for (int second = 0; second < 20; second++) {
            feed(id);
            clock.advance(SECOND);
            sendAll();
            tend(id);
        }

        Progress progress = progress(id);

        assertThat(progress.rate()).isBetween(9.9, 10.1);
        Duration left = Duration.between(progress.read(), progress.expectedEnd().orElseThrow());
        assertThat(left).isBetween(Duration.ofSeconds(79), Duration.ofSeconds(81));
        store.pause(id);
        assertThat(progress(id).expectedEnd()).isEmpty();
    }
}
