package dev.sluice.redis;

import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Asks together what is asked at once: while two calls are under way the questions that come meanwhile gather, and the next call
 * takes them all. As in a database's group commit nobody waits for others to come: a question that finds fewer calls under way is
 * sent at once, by itself, on its caller's thread. Thread-safe.
 *
 * <pre>
 *   question ── fewer than two calls under way ──► a call of its own ────────────────────────► answer
 *      │                                                                                          ▲
 *      └── two under way ──► gathers ─► the next call ─┬─ answered ───────────────────────────────┤
 *                               │                      └─ refused or failed as a whole: alone ────┘
 *                               └ deadline, interrupt: never sent
 * </pre>
 *
 * <p>Guarantees: the questions of a lane are sent in the order in which they came; each is asked at most once, except that one
 * whose common call changed nothing is asked again by itself; each caller waits until its own deadline, whatever becomes of the
 * others, and one that gives up takes nobody with it. It fails as a call of its own would: refused, lost or late, and whether it may
 * have run. Common calls have a thread of their own, so that no caller's interrupt can end them.
 *
 * @param <Q> a question
 * @param <A> its answer
 */
public final class Combiner<Q, A> {
    /** While Redis answers one, the next is on its way; more would only make the calls smaller. */
    private static final int UNDER_WAY = 2;

    /** More than what gathers during a round trip; enough to make the cost of the call itself small beside what is decided. */
    public static final int MOST_TOGETHER = 128;

    /** As many as may wait for Redis: more is a jam, and refusing beats queueing. */
    private static final int MOST_WAITING = 10_000;

    private final Calls<Q, A> calls;
    private final Bounds bounds;
    private final Executor threads;

    /** Those with a call under way. */
    private final ConcurrentMap<String, Lane<Q, A>> lanes = new ConcurrentHashMap<>();

    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder asked = new LongAdder();
    private final LongAdder called = new LongAdder();

    /** How questions are asked. A call that throws {@link RedisScriptException}, or is refused, must have changed nothing. */
    public interface Calls<Q, A> {
        /** What errors call it. */
        String name();

        /** How long a caller may wait; empty for ever. */
        Optional<Duration> deadline();

        /** How much it adds to a common call, 1 or more. */
        int size(Q question);

        A alone(Q question, Optional<Duration> timeout);

        /** Asks them in this order, as if one after the other; as many answers, in the same order. */
        List<A> together(List<Q> questions, Optional<Duration> timeout);
    }

    /**
     * How much may be asked at once.
     *
     * @param underWay how many calls of a lane
     * @param questions in one call
     * @param size of all of them; a single larger one goes all the same
     * @param waiting how many may wait; more are refused unsent
     */
    record Bounds(int underWay, int questions, int size, int waiting) {}

    /**
     * What was asked so far.
     *
     * @param questions that were sent
     * @param calls that it took
     */
    public record Statistics(long questions, long calls) {}

    /** @param mostSize of all questions of one call */
    public Combiner(Calls<Q, A> calls, int mostSize) {
        this(calls, new Bounds(UNDER_WAY, MOST_TOGETHER, mostSize, MOST_WAITING), Thread::startVirtualThread);
    }

    /** @param threads where common calls are made */
    Combiner(Calls<Q, A> calls, Bounds bounds, Executor threads) {
        this.calls = calls;
        this.bounds = bounds;
        this.threads = threads;
    }

    /**
     * Asks, and waits for the answer.
     *
     * @param lane which questions may go together
     * @throws RedisUnavailableException as a call of its own would
     * @throws RedisScriptException likewise
     */
    public A ask(String lane, Q question) {
        var entry = new Question<Q, A>(question, calls.deadline().map(Deadline::in));
        lanes.compute(lane, (name, busy) -> {
            Lane<Q, A> joined = busy == null ? new Lane<>() : busy;
            if (joined.underWay < bounds.underWay()) {
                joined.underWay++;
                entry.leads = true;
            } else {
                gather(joined, entry);
            }
            return joined;
        });
        if (!entry.leads) {
            return answer(entry);
        }
        asked.increment();
        try {
            return alone(entry);
        } finally {
            goOn(lane);
        }
    }

    /** How many round trips were spared. */
    public Statistics statistics() {
        return new Statistics(asked.sum(), called.sum());
    }

    private void gather(Lane<Q, A> lane, Question<Q, A> entry) {
        if (waiting.incrementAndGet() > bounds.waiting()) {
            waiting.decrementAndGet();
            throw new RedisUnavailableException(
                    Reason.OVERLOADED, calls.name() + " not sent: too many under way", false, null);
        }
        Batch<Q, A> last = lane.gathered.peekLast();
        int size = calls.size(entry.question);
        if (last != null && last.count < bounds.questions() && last.size + size <= bounds.size()) {
            last.add(entry, size);
        } else {
            var batch = new Batch<>(entry, size);
            lane.gathered.add(batch);
            entry.deadline.ifPresent(deadline -> DeadlineWatch.watch(batch, deadline));
        }
    }

    /** After a call: makes the next, on another thread, if anybody waits for it. */
    private void goOn(String lane) {
        Optional<Batch<Q, A>> next = next(lane);
        if (next.isEmpty()) {
            return;
        }
        try {
            threads.execute(() -> goOn(lane, next));
        } catch (RuntimeException | Error e) {
            // Without a thread for it the lane would stay busy for ever.
            goOn(lane, next);
        }
    }

    private void goOn(String lane, Optional<Batch<Q, A>> first) {
        for (Optional<Batch<Q, A>> next = first; next.isPresent(); next = next(lane)) {
            Batch<Q, A> batch = next.get();
            waiting.addAndGet(-batch.count);
            List<Question<Q, A>> left = batch.take();
            if (!left.isEmpty()) {
                together(left);
            }
            batch.over = true;
        }
    }

    /** What goes together next; one call less is under way if that is nothing, and with the last the lane ends. */
    private Optional<Batch<Q, A>> next(String lane) {
        var next = new ArrayList<Batch<Q, A>>(1);
        lanes.computeIfPresent(lane, (name, busy) -> {
            Batch<Q, A> first = busy.gathered.poll();
            if (first == null) {
                busy.underWay--;
            } else {
                next.add(first);
            }
            return busy.underWay == 0 ? null : busy;
        });
        return next.stream().findFirst();
    }

    private void together(List<Question<Q, A>> batch) {
        asked.add(batch.size());
        called.increment();
        try {
            var questions = new ArrayList<Q>(batch.size());
            batch.forEach(entry -> questions.add(entry.question));
            List<A> answers = calls.together(questions, longest(batch));
            if (answers.size() != batch.size()) {
                throw new IllegalStateException(
                        calls.name() + " answered " + answers.size() + " of " + batch.size() + " questions");
            }
            for (int i = 0; i < answers.size(); i++) {
                batch.get(i).complete(new Outcome.Answered<>(answers.get(i)));
            }
        } catch (RedisScriptException e) {
            end(batch, new Outcome.Alone<>());
        } catch (RedisUnavailableException e) {
            end(batch, changedNothing(e) ? new Outcome.Alone<>() : new Outcome.Unavailable<>(e));
        } catch (RuntimeException | Error e) {
            // Nobody else could tell those who wait.
            end(batch, new Outcome.Failed<>(e));
        }
    }

    /** Redis itself says so: each may be asked again, and be answered what it alone deserves. */
    private static boolean changedNothing(RedisUnavailableException failure) {
        return switch (failure.reason()) {
            case OUT_OF_MEMORY, READ_ONLY, REFUSED -> !failure.mayHaveRun();
            case NO_REPLY, CONNECTION_LOST, NOT_CONNECTED, BREAKER_OPEN, OVERLOADED, MOVING, INTERRUPTED -> false;
        };
    }

    private static <Q, A> void end(List<Question<Q, A>> batch, Outcome<A> outcome) {
        batch.forEach(entry -> entry.complete(outcome));
    }

    /** Until the last of them gives up; those who must leave earlier do so by themselves. */
    private static <Q, A> Optional<Duration> longest(List<Question<Q, A>> batch) {
        return batch.getLast().deadline.map(last -> Duration.ofNanos(Math.max(1, last.remainingNanos())));
    }

    private A answer(Question<Q, A> entry) {
        try {
            return switch (entry.get()) {
                case Outcome.Answered<A>(A answer) -> answer;
                case Outcome.Alone<A> nobodyElse -> alone(entry);
                case Outcome.Unavailable<A>(RedisUnavailableException cause) ->
                    throw new RedisUnavailableException(
                            cause.reason(), String.valueOf(cause.getMessage()), cause.mayHaveRun(), cause);
                case Outcome.Failed<A>(Throwable cause) -> throw new IllegalStateException(calls.name(), cause);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException(
                    Reason.INTERRUPTED,
                    "interrupted while waiting for the reply to " + calls.name(),
                    !entry.giveUp(),
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new RedisUnavailableException(
                        Reason.NO_REPLY,
                        "no reply to " + calls.name() + " within "
                                + entry.deadline.map(Deadline::lengthMillis).orElseThrow() + " ms",
                        !entry.giveUp(),
                        null);
            }
            throw new IllegalStateException(calls.name(), e);
        }
    }

    private A alone(Question<Q, A> entry) {
        called.increment();
        return calls.alone(
                entry.question,
                entry.deadline.map(deadline -> Duration.ofNanos(Math.max(1, deadline.remainingNanos()))));
    }

    /** What waits for the calls under way to end. Guarded by its entry of the map. */
    private static final class Lane<Q, A> {
        final Deque<Batch<Q, A>> gathered = new ArrayDeque<>();
        int underWay;
    }

    /**
     * What gathered. It grows under the lock of its lane until it is taken; the watch reads along. One watch for all, since one for
     * each costs more than what it guards.
     */
    private static final class Batch<Q, A> implements DeadlineWatch.Watched {
        private final Question<Q, A> first;
        private Question<Q, A> last;
        private int count = 1;
        private int size;
        private volatile boolean over;

        Batch(Question<Q, A> first, int size) {
            this.first = first;
            this.last = first;
            this.size = size;
        }

        void add(Question<Q, A> entry, int itsSize) {
            last.next = entry;
            last = entry;
            count++;
            size += itsSize;
        }

        /** Those who have not given up. */
        List<Question<Q, A>> take() {
            var left = new ArrayList<Question<Q, A>>(count);
            for (Question<Q, A> entry = first; entry != null; entry = entry.next) {
                if (entry.take()) {
                    left.add(entry);
                }
            }
            return left;
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public long endOverdue(long now) {
            long next = now + DeadlineWatch.FAR_NANOS;
            for (Question<Q, A> entry = first; entry != null; entry = entry.next) {
                if (entry.deadline.isPresent() && !entry.isDone()) {
                    long until = entry.deadline.get().endNanos();
                    if (until - now <= 0) {
                        entry.completeExceptionally(new TimeoutException());
                    } else if (until - next < 0) {
                        next = until;
                    }
                }
            }
            return next;
        }
    }

    /** What became of a question that was asked together with others. */
    private sealed interface Outcome<A> {
        record Answered<A>(A answer) implements Outcome<A> {}

        /** Nothing was changed: to be asked again. */
        record Alone<A>() implements Outcome<A> {}

        record Unavailable<A>(RedisUnavailableException cause) implements Outcome<A> {}

        /** A defect. */
        record Failed<A>(Throwable cause) implements Outcome<A> {}
    }

    /** Completed with what became of it. */
    private static final class Question<Q, A> extends CompletableFuture<Outcome<A>> {
        final Q question;
        final Optional<Deadline> deadline;

        /** Whoever came next into the same batch. */
        volatile @Nullable Question<Q, A> next;

        /** Written and read by its caller alone. */
        boolean leads;

        /** 0 as long as it gathers; whoever changes it first decides whether it is sent. */
        private final AtomicInteger fate = new AtomicInteger();

        Question(Q question, Optional<Deadline> deadline) {
            this.question = question;
            this.deadline = deadline;
        }

        /** @return whether it is to be sent: its caller has not given up */
        boolean take() {
            return fate.compareAndSet(0, 1);
        }

        /** @return whether it was not sent, and never will be */
        boolean giveUp() {
            return fate.compareAndSet(0, 2) || fate.get() == 2;
        }
    }
}
