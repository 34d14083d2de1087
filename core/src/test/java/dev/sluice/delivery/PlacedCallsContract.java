package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.queue.Claims;
import dev.sluice.queue.Ending;
import dev.sluice.queue.LanePlace;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.NewMessage;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order of calls and queued messages, step by step under a clock that the test sets. */
abstract class PlacedCallsContract {
    private static final AtomicLong BOTS = new AtomicLong(700_000);
    private static final ChatId CHAT = ChatId.of(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MOMENT = Duration.ofMillis(10);
    private static final Waiter ANN = new Waiter("AAAAAAAA");
    private static final Waiter BEN = new Waiter("BBBBBBBB");

    static final TelegramLimits LIMITS = TelegramLimits.DOCUMENTED;

    final SettableMicros clock = new SettableMicros();
    private final BotId bot = new BotId(BOTS.incrementAndGet());
    private Admission admission;
    private MessageQueue queue;

    abstract Admission admission();

    abstract MessageQueue queue();

    @BeforeEach
    void open() {
        admission = admission();
        queue = queue();
    }

    /** A call that waits in a process, which asks for it whenever the test says so. */
    private final class Call {
        private final Waiter process;
        private final ChatId chat;
        private final Priority priority;
        private final long came = clock.getAsLong();

        Call(Waiter process, ChatId chat, Priority priority) {
            this.process = process;
            this.chat = chat;
            this.priority = priority;
        }

        Verdict asks() {
            Duration waited = Duration.of(clock.getAsLong() - came, ChronoUnit.MICROS);
            var acquisition = Acquisition.of(LIMITS.charges(bot, Optional.of(chat), 1, false))
                    .cameAgo(waited.minus(WaitingRoom.givesWay(priority)))
                    .waitingAs(process);
            return admission.admit(
                    Optional.empty(), false, acquisition, Optional.of(LanePlace.of(bot, chat, priority, waited)));
        }

        boolean passes() {
            return asks() instanceof Verdict.Passed;
        }

        Decision.Denied denied() {
            assertThat(asks()).isInstanceOf(Verdict.Denied.class);
            return ((Verdict.Denied) asks()).denial();
        }
    }

    private Call call(Waiter process, Priority priority) {
        var call = new Call(process, CHAT, priority);
        clock.advance(MOMENT);
        return call;
    }

    private void fill() {
        assertThat(call(ANN, Priority.NORMAL).passes()).isTrue();
    }

    private void enqueue(String text, ChatId chat, Priority priority) {
        queue.enqueueAll(bot, List.of(NewMessage.to(chat, text.getBytes(UTF_8)).withPriority(priority)));
        clock.advance(MOMENT);
    }

    private void enqueue(String text, Priority priority) {
        enqueue(text, CHAT, priority);
    }

    /** What may be sent now; its answer comes at once. */
    private List<String> sends() {
        List<Leased> claimed = queue.claim(bot, 50).messages();
        queue.settle(
                bot,
                claimed.stream()
                        .map(it -> it.ends(new Ending.Sent(new byte[0])))
                        .toList());
        return claimed.stream().map(it -> new String(it.payload(), UTF_8)).toList();
    }

    @Test
    void a_call_comes_after_what_was_queued_before_it_and_before_what_is_queued_later() {
        fill();
        enqueue("before", Priority.NORMAL);
        var call = call(BEN, Priority.NORMAL);
        assertThat(call.denied().queued()).isEqualTo(1);
        enqueue("after", Priority.NORMAL);

        clock.advance(SECOND);
        assertThat(call.denied().cause()).isEqualTo(Decision.Cause.QUEUE);
        assertThat(sends()).containsExactly("before");
        assertThat(call.denied().queued()).isZero();
        clock.advance(SECOND);
        assertThat(sends()).as("the call stands in line").isEmpty();
        assertThat(call.passes()).isTrue();
        clock.advance(SECOND);
        assertThat(sends()).containsExactly("after");
    }

    @Test
    void a_call_that_does_not_come_for_its_turn_holds_the_queue_for_100_ms() {
        fill();
        call(BEN, Priority.NORMAL).denied();
        enqueue("after", Priority.NORMAL);

        clock.advance(SECOND);
        assertThat(sends()).isEmpty();
        clock.advance(Duration.ofMillis(101));
        assertThat(sends()).as("its process was killed").containsExactly("after");
    }

    @Test
    void by_priority_first_and_then_in_the_order_of_coming() {
        fill();
        enqueue("low", Priority.LOW);
        var low = call(ANN, Priority.LOW);
        enqueue("normal", Priority.NORMAL);
        var normal = call(BEN, Priority.NORMAL);
        enqueue("high", Priority.HIGH);
        assertThat(low.denied().queued()).isEqualTo(3);
        assertThat(normal.denied().queued()).isEqualTo(2);

        clock.advance(SECOND);
        assertThat(sends()).containsExactly("high");
        clock.advance(SECOND);
        assertThat(sends()).containsExactly("normal");
        normal.denied();
        clock.advance(SECOND);
        assertThat(sends()).isEmpty();
        assertThat(normal.passes()).isTrue();
        clock.advance(SECOND);
        assertThat(low.denied().queued()).isEqualTo(1);
        assertThat(sends()).containsExactly("low");
        clock.advance(SECOND);
        assertThat(low.passes()).isTrue();
    }

    @Test
    void calls_of_two_replicas_pass_in_the_order_in_which_they_came_whoever_asks_first() {
        fill();
        var first = call(ANN, Priority.NORMAL);
        var second = call(ANN, Priority.NORMAL);
        var third = call(BEN, Priority.NORMAL);
        var fourth = call(ANN, Priority.NORMAL);
        // As their processes do: each asks for its first only.
        first.denied();
        third.denied();

        clock.advance(SECOND);
        assertThat(third.passes()).isFalse();
        assertThat(first.passes()).isTrue();
        second.denied();
        third.denied();
        clock.advance(SECOND);
        assertThat(third.passes()).isFalse();
        assertThat(second.passes()).isTrue();
        fourth.denied();
        third.denied();
        clock.advance(SECOND);
        assertThat(fourth.passes()).isFalse();
        assertThat(third.passes()).isTrue();
        clock.advance(SECOND);
        assertThat(fourth.passes()).isTrue();
    }

    @Test
    void a_higher_priority_passes_before_a_lower_one_of_another_replica() {
        fill();
        var normal = call(ANN, Priority.NORMAL);
        normal.denied();
        var high = call(BEN, Priority.HIGH);
        high.denied();

        clock.advance(SECOND);
        assertThat(normal.passes()).isFalse();
        assertThat(high.passes()).isTrue();
        clock.advance(SECOND);
        assertThat(normal.passes()).isTrue();
    }

    @Test
    void what_is_under_way_is_not_overtaken_and_nothing_that_comes_later_goes_next() {
        enqueue("first", Priority.LOW);
        Leased leased = queue.claim(bot, 1).messages().getFirst();
        var call = call(BEN, Priority.NORMAL);
        clock.advance(SECOND);
        assertThat(call.denied().cause()).as("its limit would let it").isEqualTo(Decision.Cause.QUEUE);
        enqueue("later", Priority.NORMAL);

        queue.settle(bot, List.of(leased.ends(new Ending.Sent(new byte[0]))));
        assertThat(sends()).isEmpty();
        assertThat(call.passes()).isTrue();
    }

    @Test
    void what_is_between_two_attempts_is_not_overtaken_by_any_priority() {
        enqueue("first", Priority.LOW);
        Leased leased = queue.claim(bot, 1).messages().getFirst();
        queue.settle(bot, List.of(leased.ends(new Ending.Retry("busy", Optional.of(SECOND.multipliedBy(5))))));
        var call = call(BEN, Priority.HIGH);

        clock.advance(SECOND.multipliedBy(4));
        assertThat(call.denied().queued()).isEqualTo(1);
        clock.advance(SECOND);
        assertThat(sends()).containsExactly("first");
        clock.advance(SECOND);
        assertThat(call.passes()).isTrue();
    }

    /** Calls of two processes that are never at an end, and a queue of each priority: by the time between its turns. */
    @Test
    void a_flood_of_calls_leaves_the_queue_its_share_and_no_more() {
        Shares low = sharesBesideCalls(Priority.LOW, 10);
        assertThat(low.turns).as("of 300 turns").isBetween(270, 330);
        assertThat(low.ofQueue()).isBetween(0.9 / 21, 1.5 / 21);
        // All turns of a window come at once here and calls are quicker, while the queue keeps one place: as order.md
        // says.
        assertThat(sharesBesideCalls(Priority.NORMAL, 10).ofQueue()).isBetween(2.8 / 21, 4.5 / 21);
        assertThat(sharesBesideCalls(Priority.HIGH, 10).ofQueue()).isBetween(3.5 / 21, 16.5 / 21);
    }

    /** Turns come one by one at a pace, so that the queue gets what it is owed; nobody starves, however slow it is. */
    @Test
    void at_a_learned_pace_the_queue_has_the_same_share_of_that() {
        assertThat(shareAtAPace(Priority.LOW)).isBetween(0.0, 3.0 / 21);
        assertThat(shareAtAPace(Priority.NORMAL)).isBetween(2.0 / 21, 6.0 / 21);
        assertThat(shareAtAPace(Priority.HIGH)).isBetween(6.0 / 21, 17.0 / 21);
    }

    private double shareAtAPace(Priority priority) {
        for (int time = 0; time < 3; time++) {
            for (int chat = 0; chat < 3; chat++) {
                floodedAtOnce(ChatId.of(++chats));
            }
            clock.advance(SECOND);
        }
        Shares shares = sharesBesideCalls(priority, 30);
        assertThat(shares.turns).as("of 900 turns").isBetween(30, 200);
        return shares.ofQueue();
    }

    private void floodedAtOnce(ChatId chat) {
        List<Charge> charges = LIMITS.charges(bot, Optional.of(chat), 1, false);
        Acquisition overdraft = Acquisition.of(charges).overdrawing();
        var passed = (Verdict.Passed) admission.admit(Optional.empty(), false, overdraft, Optional.empty());
        var flood = new Flood(
                bot, Optional.of(chat), MOMENT, charges, passed.limits().at());
        admission.settle(Optional.empty(), Optional.of(flood), Admission.Patience.BRIEF);
        clock.advance(MOMENT);
    }

    /** How many passed of the queue, and in all. */
    private record Shares(int queued, int turns) {
        double ofQueue() {
            return queued / (double) turns;
        }
    }

    private Shares sharesBesideCalls(Priority priority, int seconds) {
        for (int i = 0; i < 300; i++) {
            enqueue("m", ChatId.of(1_000 + i), priority);
        }
        clock.advance(SECOND);
        var calls = new ArrayList<>(List.of(flooding(ANN), flooding(BEN)));
        long[] asksAt = {clock.getAsLong(), clock.getAsLong()};
        long claimsAt = clock.getAsLong();
        int called = 0;
        int queued = 0;
        // In the first second nobody waits yet.
        long begin = clock.getAsLong() + 1_500_000;
        while (clock.getAsLong() < begin + seconds * 1_000_000L) {
            long next = Math.min(claimsAt, Math.min(asksAt[0], asksAt[1]));
            clock.set(Math.max(next, clock.getAsLong()));
            if (next < claimsAt) {
                // Both are nearer to the store than whoever claims.
                int i = asksAt[0] <= asksAt[1] ? 0 : 1;
                Duration again = Duration.ZERO;
                switch (calls.get(i).asks()) {
                    case Verdict.Passed passed -> {
                        called += clock.getAsLong() < begin ? 0 : 1;
                        calls.set(i, flooding(i == 0 ? ANN : BEN));
                    }
                    case Verdict.Denied(Decision.Denied denial) -> again = denial.retryAfter();
                    case Verdict.Taken taken -> throw new AssertionError(taken);
                    case Verdict.Queued twin -> throw new AssertionError(twin);
                }
                asksAt[i] = clock.getAsLong() + again.toNanos() / 1_000;
            } else {
                Claims claims = queue.claim(bot, 50);
                queue.settle(
                        bot,
                        claims.messages().stream()
                                .map(it -> it.ends(new Ending.Sent(new byte[0])))
                                .toList());
                queued += clock.getAsLong() < begin ? 0 : claims.messages().size();
                claimsAt = clock.getAsLong() + claims.wakeUp().orElse(SECOND).toNanos() / 1_000 + 3_000;
            }
        }
        // Whatever is left must not share with the next.
        while (!sends().isEmpty() || queue.statistics(bot).pending() > 0) {
            clock.advance(SECOND);
        }
        return new Shares(queued, queued + called);
    }

    private long chats = 1_000_000;

    private Call flooding(Waiter process) {
        return new Call(process, ChatId.of(++chats), Priority.NORMAL);
    }
}
