package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Admission.Claimed;
import dev.sluice.delivery.Admission.Patience;
import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned.BecomesUnknown;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.KeyStanding;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.SettableMicros;
import dev.sluice.queue.Change;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.Restored;
import dev.sluice.queue.SavedMessage;
import dev.sluice.queue.SnapshotPage;
import dev.sluice.queue.Snapshots;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call that waits and a message that is queued, under one key: only one of them is sent. */
@Timeout(60)
abstract class OneKeyContract extends DeliveryCalls {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration KEEP = Duration.ofMinutes(1);
    private static final ChatId CHAT = ChatId.of(1);

    final SettableMicros clock = new SettableMicros();
    private Admission admission;
    private MessageQueue queue;
    private Pipeline pipeline;

    abstract Admission admission();

    abstract MessageQueue queue();

    @BeforeEach
    void open() {
        admission = admission();
        queue = queue();
        pipeline = new Pipeline(
                admission, settings(), DeliveryEvents.NONE, Deliveries.newProcess(), new Random(7), Sealer.NONE);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        pipeline.close();
    }

    private OutboundCall order(String text) {
        return keyed(call(1, text), "order-17");
    }

    private ClaimRequest claim(OutboundCall call) {
        return new ClaimRequest(call.key().orElseThrow(), call.fingerprint(), LEASE, new BecomesUnknown(KEEP));
    }

    private Verdict admit(OutboundCall call) {
        return admission.admit(
                Optional.of(claim(call)),
                true,
                Acquisition.of(LIMITS.charges(bot, call.chat(), 1, false)),
                Optional.empty());
    }

    private Fence sends(OutboundCall call) {
        if (admit(call) instanceof Verdict.Passed(Optional<Fence> mine, var limits)) {
            return mine.orElseThrow();
        }
        throw new AssertionError("not admitted");
    }

    private Enqueued enqueue(OutboundCall call) {
        return queue.enqueue(bot, message(call));
    }

    private static NewMessage message(OutboundCall call) {
        return NewMessage.to(CHAT, "queued".getBytes(UTF_8))
                .once(call.key().orElseThrow().digest(), call.fingerprint());
    }

    private MessageId queued(OutboundCall call) {
        return ((Enqueued.Added) enqueue(call)).id();
    }

    private Leased leased() {
        clock.advance(Duration.ofSeconds(1));
        return queue.claim(bot, 1).messages().getFirst();
    }

    private void ends(Leased message, Ending ending) {
        queue.settle(bot, List.of(message.ends(ending)));
    }

    @Test
    void a_call_whose_key_is_queued_is_not_admitted_and_spends_nothing() {
        MessageId id = queued(order("a"));

        assertThat(admit(order("a"))).isEqualTo(new Verdict.Queued(id, true));
        assertThat(admission.look(claim(order("a")))).contains(new Verdict.Queued(id, true));
        assertThat(admit(order("other"))).isEqualTo(new Verdict.Taken(new Claim.Mismatch()));
        assertThat(admission.look(claim(order("other")))).contains(new Verdict.Taken(new Claim.Mismatch()));
        assertThat(queue.claim(bot, 1).messages())
                .as("its chat's limit is not spent")
                .hasSize(1);
        assertThat(admit(order("a"))).as("also while it is being sent").isEqualTo(new Verdict.Queued(id, true));
    }

    @Test
    void a_call_whose_keys_message_has_ended_is_told_which_it_was() {
        MessageId sent = queued(order("a"));
        ends(leased(), new Ending.Sent(new byte[0]));
        assertThat(admit(order("a"))).isEqualTo(new Verdict.Queued(sent, false));

        OutboundCall second = keyed(call(1, "b"), "order-18");
        MessageId unknown = queued(second);
        ends(leased(), new Ending.Unanswered("no-answer"));
        assertThat(admit(second)).isEqualTo(new Verdict.Queued(unknown, false));
        queue.unknowns().resolve(unknown, Resolution.REQUEUE);
        assertThat(admit(second)).isEqualTo(new Verdict.Queued(unknown, true));

        OutboundCall third = keyed(call(2, "c"), "order-19");
        MessageId dead = ((Enqueued.Added) queue.enqueue(bot, message(third).withPriority(Priority.HIGH))).id();
        ends(leased(), new Ending.Refused("refused-403"));
        assertThat(admit(third)).isEqualTo(new Verdict.Queued(dead, false));
        queue.deadLetters().purge(dead);
        assertThat(admit(third))
                .as("nothing is known of it any more")
                .isInstanceOf(Verdict.class)
                .isNotInstanceOf(Verdict.Queued.class);
    }

    @Test
    void a_message_whose_key_a_call_has_is_not_queued_however_the_call_stands() {
        Fence mine = sends(order("a"));
        assertThat(enqueue(order("a"))).isEqualTo(new Enqueued.Claimed(KeyStanding.PROCESSING));
        assertThat(enqueue(order("other"))).isEqualTo(new Enqueued.Claimed(KeyStanding.MISMATCH));

        settle(mine, new Settlement.Complete(new StoredResult(new byte[] {1}), KEEP));
        assertThat(enqueue(order("a"))).isEqualTo(new Enqueued.Claimed(KeyStanding.COMPLETED));

        OutboundCall refused = keyed(call(2, "b"), "order-18");
        settle(sends(refused), new Settlement.Fail(new StoredResult(new byte[] {1}), KEEP));
        assertThat(enqueue(refused)).isEqualTo(new Enqueued.Claimed(KeyStanding.FAILED));

        OutboundCall unanswered = keyed(call(3, "c"), "order-19");
        settle(sends(unanswered), new Settlement.MarkUnknown(KEEP));
        assertThat(enqueue(unanswered)).isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));

        assertThat(queue.statistics(bot).accepted()).isZero();
        clock.advance(KEEP);
        clock.advance(Duration.ofSeconds(1));
        assertThat(enqueue(order("other"))).as("forgotten").isInstanceOf(Enqueued.Added.class);
    }

    @Test
    void a_call_that_was_released_leaves_its_key_to_the_queue_and_one_that_died_is_unknown_to_it() {
        settle(sends(order("a")), new Settlement.Release());
        assertThat(enqueue(order("a"))).isInstanceOf(Enqueued.Added.class);

        OutboundCall died = keyed(call(2, "b"), "order-18");
        sends(died);
        clock.advance(LEASE);
        assertThat(enqueue(died)).isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));
        assertThat(enqueue(died)).as("it was only looked at").isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));
        assertThat(admit(died)).isEqualTo(new Verdict.Taken(new Claim.Unknown()));
    }

    @Test
    void of_a_batch_only_what_no_call_has_is_queued() {
        sends(order("a"));
        OutboundCall free = keyed(call(2, "b"), "order-18");

        List<Enqueued> enqueued = queue.enqueueAll(
                bot, List.of(message(order("a")), message(free), message(free), NewMessage.to(CHAT, new byte[1])));

        assertThat(enqueued.get(0)).isEqualTo(new Enqueued.Claimed(KeyStanding.PROCESSING));
        assertThat(enqueued.get(1)).isInstanceOf(Enqueued.Added.class);
        assertThat(enqueued.get(2)).isInstanceOf(Enqueued.Known.class);
        assertThat(enqueued.get(3)).isInstanceOf(Enqueued.Added.class);
    }

    @Test
    void a_call_without_a_key_goes_beside_queued_messages_of_the_same_content() {
        queued(order("a"));
        OutboundCall plain = call(1, "a");

        Verdict verdict = admission.admit(
                Optional.of(new ClaimRequest(plain.contentKey(), plain.fingerprint(), LEASE, new BecomesUnknown(KEEP))),
                false,
                Acquisition.of(LIMITS.charges(bot, plain.chat(), 1, false)),
                Optional.empty());

        assertThat(verdict).isInstanceOf(Verdict.Passed.class);
    }

    @Test
    void a_message_is_not_restored_under_a_key_that_a_call_has_by_now() {
        MessageId id = queued(order("a"));
        SavedMessage saved = saved();
        assertThat(saved.id()).isEqualTo(id);
        lose();
        settle(sends(order("a")), new Settlement.Complete(new StoredResult(new byte[] {1}), KEEP));

        assertThat(queue.snapshots().restore(bot, List.of(saved))).containsExactly(Restored.KEY_TAKEN);
    }

    private SavedMessage saved() {
        Optional<String> cursor = Optional.of(Snapshots.START);
        while (cursor.isPresent()) {
            SnapshotPage page = queue.snapshots().read(bot, cursor.get());
            if (!page.messages().isEmpty()) {
                return page.messages().getFirst();
            }
            cursor = page.next();
        }
        throw new AssertionError("nothing was saved");
    }

    /** The store loses everything. */
    abstract void lose();

    @Test
    void a_call_waits_for_the_end_of_the_message_that_has_its_key() throws Exception {
        MessageId id = queued(order("a"));
        var sent = new AtomicInteger();
        Future<Outcome> twin = threads.submit(() -> deliver(pipeline, waiting(order("a"), LONG), counting(sent)));

        ends(leased(), new Ending.Sent(new byte[0]));

        assertThat(twin.get(20, TimeUnit.SECONDS)).isEqualTo(new Outcome.Queued(id, false));
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_call_whose_wait_is_over_before_is_told_that_its_message_is_still_queued() throws Exception {
        MessageId id = queued(order("a"));
        var sent = new AtomicInteger();

        for (Duration wait : List.of(Duration.ZERO, Duration.ofMillis(60))) {
            assertThat(deliver(pipeline, waiting(order("a"), wait), counting(sent)))
                    .isEqualTo(new Outcome.Queued(id, true));
        }
        assertThat(deliver(pipeline, skipping(waiting(order("a"), Duration.ZERO)), counting(sent)))
                .isEqualTo(new Outcome.Queued(id, true));
        assertThat(deliver(pipeline, order("other"), counting(sent))).isEqualTo(new Outcome.Mismatch());
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_caller_that_leaves_while_its_message_is_queued_is_withdrawn() throws Exception {
        queued(order("a"));
        var caller = new Caller();
        Future<Outcome> twin = threads.submit(() -> pipeline.deliver(waiting(order("a"), LONG), caller, answers(ok(1)))
                .outcome());
        caller.leave();

        assertThat(twin.get(20, TimeUnit.SECONDS)).isEqualTo(new Outcome.Withdrawn());
    }

    @Test
    void a_call_that_waits_for_a_message_that_is_taken_back_is_sent_itself() throws Exception {
        MessageId id = queued(order("a"));
        var sent = new AtomicInteger();
        Future<Outcome> twin = threads.submit(() -> deliver(pipeline, waiting(order("a"), LONG), counting(sent)));

        assertThat(queue.cancel(id)).isEqualTo(Change.DONE);

        assertThat(twin.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(1);
        assertThat(enqueue(order("a"))).isEqualTo(new Enqueued.Claimed(KeyStanding.COMPLETED));
    }

    @Test
    void of_many_calls_and_messages_at_once_under_one_key_one_is_sent() throws Exception {
        for (int round = 0; round < 20; round++) {
            OutboundCall order = keyed(call(10 + round, "a"), "round-" + round);
            var start = new CountDownLatch(1);
            var calls = new ArrayList<Future<Verdict>>();
            var messages = new ArrayList<Future<Enqueued>>();
            for (int i = 0; i < 8; i++) {
                calls.add(threads.submit(() -> {
                    start.await();
                    return admit(order);
                }));
                messages.add(threads.submit(() -> {
                    start.await();
                    return enqueue(order);
                }));
            }
            start.countDown();
            int sent = 0;
            for (Future<Verdict> call : calls) {
                Verdict verdict = call.get(20, TimeUnit.SECONDS);
                assertThat(verdict).isNotInstanceOf(Verdict.Denied.class);
                sent += verdict instanceof Verdict.Passed ? 1 : 0;
            }
            for (Future<Enqueued> message : messages) {
                sent += message.get(20, TimeUnit.SECONDS) instanceof Enqueued.Added ? 1 : 0;
            }
            assertThat(sent).isEqualTo(1);
        }
    }

    private void settle(Fence fence, Settlement settlement) {
        assertThat(admission.settle(Optional.of(new Claimed(fence, settlement)), Optional.empty(), Patience.LONG))
                .isTrue();
    }

    @Test
    void a_dead_letter_keeps_its_key_from_calls_as_long_as_a_calls_own_end_would() {
        queued(order("a"));
        ends(leased(), new Ending.Refused("refused-403"));

        clock.advance(KEEP.minusMillis(1));
        assertThat(admit(order("a"))).isInstanceOf(Verdict.Queued.class);
        clock.advance(Duration.ofMillis(2));
        assertThat(admit(order("a"))).isInstanceOf(Verdict.Passed.class);
    }

    @Test
    void a_key_that_belongs_to_no_bot_is_no_messages() {
        var call = call(1, "a");
        var request = new ClaimRequest(
                IdempotencyKey.derived("orders", "send", "17"), call.fingerprint(), LEASE, new BecomesUnknown(KEEP));

        assertThat(admission.admit(
                        Optional.of(request),
                        true,
                        Acquisition.of(LIMITS.charges(bot, call.chat(), 1, false)),
                        Optional.empty()))
                .isInstanceOf(Verdict.Passed.class);
    }
}
