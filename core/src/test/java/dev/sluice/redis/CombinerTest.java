package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CombinerTest {
    private static final Combiner.Bounds BOUNDS = new Combiner.Bounds(1, 3, 8, 10);

    private final Calls calls = new Calls();
    private final Combiner<String, String> combiner = new Combiner<>(calls, BOUNDS, Thread::startVirtualThread);

    @Test
    void a_question_that_finds_no_call_under_way_is_asked_by_itself_on_its_callers_thread() {
        calls.open();

        assertThat(combiner.ask("7", "a")).isEqualTo("A");
        assertThat(combiner.ask("7", "b")).isEqualTo("B");
        assertThat(calls.made).extracting(Call::questions).containsExactly(List.of("a"), List.of("b"));
        assertThat(calls.made).extracting(Call::thread).containsOnly(Thread.currentThread());
        assertThat(combiner.statistics()).isEqualTo(new Combiner.Statistics(2, 2));
    }

    @Test
    void what_comes_while_a_call_is_under_way_goes_with_the_next_one_in_the_order_in_which_it_came() throws Exception {
        Asked first = ask("7", "a");
        Call underWay = calls.next();
        List<Asked> others = gather("b", "c", "d", "e");

        underWay.end();
        Call second = calls.next();
        assertThat(second.questions()).containsExactly("b", "c", "d");
        second.end();
        Call third = calls.next();
        assertThat(third.questions()).containsExactly("e");
        third.end();

        assertThat(first.answer()).isEqualTo("A");
        assertThat(others).extracting(Asked::answer).containsExactly("B", "C", "D", "E");
        assertThat(combiner.statistics()).isEqualTo(new Combiner.Statistics(5, 3));
    }

    @Test
    void a_call_takes_no_more_than_its_bound_and_a_larger_question_goes_all_the_same() throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        gather("bbbbbb", "ccc", "dddddddddd", "e");
        underWay.end();

        for (String expected : List.of("bbbbbb", "ccc", "dddddddddd", "e")) {
            Call call = calls.next();
            assertThat(call.questions()).containsExactly(expected);
            call.end();
        }
    }

    @Test
    void lanes_do_not_wait_for_each_other() throws Exception {
        Asked slow = ask("7", "a");
        Call underWay = calls.next();

        Asked other = ask("8", "b");
        calls.next().end();
        assertThat(other.answer()).isEqualTo("B");
        assertThat(slow.isDone()).isFalse();
        underWay.end();
        assertThat(slow.answer()).isEqualTo("A");
    }

    @Test
    void with_two_calls_allowed_a_second_question_does_not_wait_for_the_first() throws Exception {
        var two = new Combiner<>(calls, new Combiner.Bounds(2, 3, 8, 10), Thread::startVirtualThread);
        Asked first = new Asked(() -> two.ask("7", "a"));
        Call one = calls.next();
        Asked second = new Asked(() -> two.ask("7", "b"));

        calls.next().end();
        assertThat(second.answer()).isEqualTo("B");
        one.end();
        assertThat(first.answer()).isEqualTo("A");
    }

    @Test
    void who_gives_up_before_its_call_is_sent_was_never_asked_and_the_others_are() throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        Asked impatient = gather("b").getFirst();
        Asked patient = gather("c").getFirst();

        impatient.thread.interrupt();
        assertThat(impatient.failure()).isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED);
            assertThat(e.mayHaveRun()).isFalse();
        });
        underWay.end();
        Call next = calls.next();
        assertThat(next.questions()).containsExactly("c");
        next.end();
        assertThat(patient.answer()).isEqualTo("C");
    }

    @Test
    void who_gives_up_while_its_call_is_under_way_may_have_been_asked_and_takes_nobody_with_it() throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        Asked impatient = gather("b").getFirst();
        Asked patient = gather("c").getFirst();
        underWay.end();
        Call both = calls.next();

        impatient.thread.interrupt();
        assertThat(impatient.failure()).isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED);
            assertThat(e.mayHaveRun()).isTrue();
        });
        both.end();
        assertThat(patient.answer()).isEqualTo("C");
    }

    @Test
    void everybody_waits_until_its_own_deadline_whatever_is_under_way() throws Exception {
        ask("7", "a");
        Call stuck = calls.next();
        calls.deadline = Optional.of(Duration.ofMillis(40));
        Asked unsent = ask("7", "b");

        assertThat(unsent.failure()).isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.NO_REPLY);
            assertThat(e.mayHaveRun()).isFalse();
            assertThat(e).hasMessage("no reply to test/ask within 40 ms");
        });
        calls.deadline = Optional.of(Duration.ofSeconds(5));
        Asked sent = gather("c").getFirst();
        stuck.end();
        Call next = calls.next();
        assertThat(next.questions()).containsExactly("c");
        assertThat(next.timeout().orElseThrow()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
        assertThat(sent.failure()).isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.NO_REPLY);
            assertThat(e.mayHaveRun()).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"NO_REPLY", "CONNECTION_LOST", "NOT_CONNECTED", "BREAKER_OPEN", "OVERLOADED", "MOVING"})
    void a_call_that_was_lost_fails_everybody_as_a_call_of_its_own_would(Reason reason) throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        List<Asked> others = gather("b", "c");
        underWay.end();
        calls.next().fail(new RedisUnavailableException(reason, "lost", reason == Reason.NO_REPLY, null));

        for (Asked other : others) {
            assertThat(other.failure()).isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
                assertThat(e.reason()).isEqualTo(reason);
                assertThat(e.mayHaveRun()).isEqualTo(reason == Reason.NO_REPLY);
                assertThat(e).hasMessage("lost");
            });
        }
        calls.open();
        assertThat(combiner.ask("7", "d")).isEqualTo("D");
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"OUT_OF_MEMORY", "READ_ONLY", "REFUSED"})
    void a_call_that_was_refused_changed_nothing_so_each_is_asked_again_by_itself(Reason reason) throws Exception {
        isAskedAgain(new RedisUnavailableException(reason, "refused", false, null));
    }

    @Test
    void a_script_that_failed_changed_nothing_so_each_is_asked_again_by_itself() throws Exception {
        isAskedAgain(new RedisScriptException("test/ask", new IllegalStateException("bad bucket")));
    }

    private void isAskedAgain(RuntimeException failure) throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        List<Asked> others = gather("b", "c");
        underWay.end();
        calls.next().fail(failure);

        for (int i = 0; i < 2; i++) {
            Call again = calls.next();
            assertThat(again.questions()).hasSize(1);
            if (again.questions().contains("b")) {
                again.fail(failure);
            } else {
                again.end();
            }
        }
        assertThat(others.getFirst().failure()).isEqualTo(failure);
        assertThat(others.getLast().answer()).isEqualTo("C");
    }

    @Test
    void a_defect_reaches_everybody_and_the_next_question_is_asked_as_ever() throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        Asked other = gather("b").getFirst();
        underWay.end();
        calls.next().fail(new IllegalArgumentException("two slots"));

        assertThat(other.failure()).isInstanceOf(IllegalStateException.class).hasRootCauseMessage("two slots");
        calls.open();
        assertThat(combiner.ask("7", "c")).isEqualTo("C");
    }

    @Test
    void a_first_call_that_fails_lets_those_who_gathered_go_on() throws Exception {
        Asked first = ask("7", "a");
        Call underWay = calls.next();
        Asked other = gather("b").getFirst();
        underWay.fail(new RedisUnavailableException("gone", false, null));

        calls.next().end();
        assertThat(first.failure()).isInstanceOf(RedisUnavailableException.class);
        assertThat(other.answer()).isEqualTo("B");
    }

    @Test
    void too_many_that_wait_are_refused_unsent() throws Exception {
        ask("7", "a");
        Call underWay = calls.next();
        gather("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");

        assertThatThrownBy(() -> combiner.ask("7", "one too many"))
                .isInstanceOfSatisfying(RedisUnavailableException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.OVERLOADED);
                    assertThat(e.mayHaveRun()).isFalse();
                });
        calls.open();
        underWay.end();
        assertThat(combiner.ask("8", "b")).isEqualTo("B");
    }

    @Test
    void without_a_thread_for_it_the_next_call_is_made_all_the_same() throws Exception {
        var poor = new Combiner<>(calls, BOUNDS, task -> {
            throw new RejectedExecutionException("no threads");
        });
        new Asked(() -> poor.ask("7", "a"));
        Call underWay = calls.next();
        var other = new Asked(() -> poor.ask("7", "b"));
        other.awaitWaiting();
        underWay.end();

        calls.next().end();
        assertThat(other.answer()).isEqualTo("B");
    }

    private Asked ask(String lane, String question) {
        return new Asked(() -> combiner.ask(lane, question));
    }

    /** Asks one after the other, each once the one before waits. */
    private List<Asked> gather(String... questions) {
        var asked = new ArrayList<Asked>();
        for (String question : questions) {
            Asked one = ask("7", question);
            one.awaitWaiting();
            asked.add(one);
        }
        return asked;
    }

    private static final class Asked {
        private final FutureTask<String> task;
        private final Thread thread;

        Asked(Callable<String> question) {
            task = new FutureTask<>(question);
            thread = Thread.ofPlatform().daemon().start(task);
        }

        void awaitWaiting() {
            await().atMost(10, TimeUnit.SECONDS)
                    .until(() -> thread.getState() == Thread.State.WAITING || task.isDone());
        }

        boolean isDone() {
            return task.isDone();
        }

        String answer() {
            try {
                return task.get(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError("no answer", e);
            }
        }

        Throwable failure() throws Exception {
            try {
                throw new AssertionError("answered " + task.get(10, TimeUnit.SECONDS));
            } catch (ExecutionException e) {
                return e.getCause();
            }
        }
    }

    /** A call that the test lets end. */
    private record Call(
            List<String> questions,
            Thread thread,
            Optional<Duration> timeout,
            CompletableFuture<@Nullable RuntimeException> ending) {
        void end() {
            ending.complete(null);
        }

        void fail(RuntimeException failure) {
            ending.complete(failure);
        }
    }

    /** Answers in capitals, once the test says so. */
    private static final class Calls implements Combiner.Calls<String, String> {
        final List<Call> made = new ArrayList<>();
        volatile Optional<Duration> deadline = Optional.empty();
        private final BlockingQueue<Call> underWay = new LinkedBlockingQueue<>();
        private volatile Consumer<Call> begun = underWay::add;

        /** From now on every call ends at once. */
        void open() {
            begun = call -> {
                made.add(call);
                call.end();
            };
            underWay.forEach(Call::end);
        }

        Call next() throws InterruptedException {
            Call next = underWay.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("a call is made").isNotNull();
            return next;
        }

        @Override
        public String name() {
            return "test/ask";
        }

        @Override
        public Optional<Duration> deadline() {
            return deadline;
        }

        @Override
        public int size(String question) {
            return question.length();
        }

        @Override
        public String alone(String question, Optional<Duration> timeout) {
            return together(List.of(question), timeout).getFirst();
        }

        @Override
        public List<String> together(List<String> questions, Optional<Duration> timeout) {
            var call = new Call(questions, Thread.currentThread(), timeout, new CompletableFuture<>());
            begun.accept(call);
            RuntimeException failure = call.ending().join();
            if (failure != null) {
                throw failure;
            }
            return questions.stream()
                    .map(question -> question.toUpperCase(Locale.ROOT))
                    .toList();
        }
    }
}
