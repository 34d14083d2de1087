package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Claimed;
import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned.BecomesUnknown;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.Settlement;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.Ruling;
import dev.sluice.limit.Ticket;
import dev.sluice.limit.Turn;
import dev.sluice.queue.MessageId;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call on its way: waits for its turn, is admitted, sent, classified, settled. Runs on one thread; its {@link #receipt} may be
 * signed on another.
 *
 * <pre>
 *   waiting ── admitted ── sent ─┬─ answered ──────────── settled
 *      ▲                         ├─ 429, not reached ──── released, waits again
 *      └─────────────────────────┤
 *                                └─ no answer, 5xx ────── unknown; waits again if safe to repeat
 * </pre>
 *
 * The admission is the dispatch mark: whoever finds a claim whose holder died must believe that it was sent.
 */
final class CallInFlight {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Pipeline pipeline;
    private final Caller caller;
    private final Sender sender;
    private final Optional<ClaimRequest> claim;
    private final boolean keyed;

    /** How long its claim matters: the result of a keyed call, the ambiguity of another. */
    private final Duration keep;

    private final long started = System.nanoTime();
    private OutboundCall call;
    private Optional<ChatId> movedTo = Optional.empty();
    private int failures;
    private boolean stoodInLine;

    /** What the store was last asked to charge: the limits may have changed since. */
    private @Nullable Acquisition asked;

    /** When the store was last asked to let it pass. */
    private long askedAt;

    final CallReceipt receipt;

    /** @param claimedElsewhere whether somebody else holds a claim for it, and ends it */
    CallInFlight(Pipeline pipeline, OutboundCall call, Caller caller, Sender sender, boolean claimedElsewhere) {
        this.pipeline = pipeline;
        this.receipt = new CallReceipt(pipeline);
        this.call = call;
        this.caller = caller;
        this.sender = sender;
        this.keyed = call.key().isPresent() && !claimedElsewhere;
        this.keep = keyed ? call.keep() : pipeline.settings.ambiguousWindow();
        // With the window turned off a call without a key claims nothing.
        this.claim = keep.isZero() || claimedElsewhere
                ? Optional.empty()
                : Optional.of(new ClaimRequest(
                        call.key().orElseGet(call::contentKey),
                        call.fingerprint(),
                        pipeline.settings.lease(),
                        new BecomesUnknown(keep)));
    }

    Outcome run() throws InterruptedException {
        try {
            while (true) {
                Optional<Ticket> ticket = pipeline.room.enter(lane(), charges().charges(), call.priority());
                if (ticket.isEmpty()) {
                    return new Outcome.RateLimited("waiting", SOON);
                }
                try (Ticket mine = ticket.get()) {
                    caller.onLeave(mine::cancel);
                    Optional<Outcome> outcome = passThrough(mine);
                    if (outcome.isPresent()) {
                        return outcome.get();
                    }
                }
                // The chat has moved: its new lane, its new buckets.
            }
        } catch (RedisUnavailableException e) {
            if (Thread.interrupted()) {
                var interrupted = new InterruptedException("interrupted while asking the store");
                interrupted.initCause(e);
                throw interrupted;
            }
            return new Outcome.StoreUnavailable(SOON);
        }
    }

    private String lane() {
        return call.chat().map(ChatId::value).orElse("");
    }

    private Acquisition charges() {
        return pipeline.limits.asked(call, elapsed());
    }

    /** Through the turn, the admission and the attempt, until there is an outcome; empty if the chat has moved. */
    private Optional<Outcome> passThrough(Ticket ticket) throws InterruptedException {
        stoodInLine |= ticket.wouldWait();
        if (keyed && stoodInLine) {
            // A replay needs no turn.
            Optional<Verdict> known = pipeline.admission.look(claim.orElseThrow());
            known.ifPresent(twin -> pipeline.told(call, twin));
            Optional<Outcome> outcome = answerOf(known, ticket);
            if (outcome.isPresent()) {
                return outcome;
            }
        }
        while (true) {
            switch (turn(ticket)) {
                case Turn.Cancelled<Verdict>() -> {
                    return Optional.of(new Outcome.Withdrawn());
                }
                case Turn.TimedOut<Verdict>(var bucket, Duration retryAfter) -> {
                    pipeline.events.waited(call, elapsed(), false);
                    return Optional.of(new Outcome.RateLimited(bucket.scope(), retryAfter));
                }
                case Turn.Came<Verdict>(Verdict.Denied(Decision.Denied denial)) -> {
                    // Only a call that skips our limits comes here: Telegram's own park binds it, and it never waits.
                    return Optional.of(new Outcome.RateLimited(denial.bucket().scope(), denial.retryAfter()));
                }
                case Turn.Came<Verdict>(Verdict.Taken(Claim taken)) -> {
                    Optional<Outcome> outcome = answerOf(taken);
                    if (outcome.isPresent()) {
                        return outcome;
                    }
                    ticket.stepAside();
                    if (!pipeline.admission.awaitTwin(claim.orElseThrow().key(), left(), caller.gone())) {
                        return Optional.of(caller.hasLeft() ? new Outcome.Withdrawn() : new Outcome.TwinInFlight(SOON));
                    }
                    if (caller.hasLeft()) {
                        return Optional.of(new Outcome.Withdrawn());
                    }
                }
                case Turn.Came<Verdict>(Verdict.Queued queued) -> {
                    Optional<Outcome> outcome = answerOf(Optional.of(queued), ticket);
                    if (outcome.isPresent()) {
                        return outcome;
                    }
                    // It was taken back unsent, or a call has its key by now: decide again.
                }
                case Turn.Came<Verdict>(Verdict.Passed passed) -> {
                    if (stoodInLine) {
                        pipeline.events.waited(call, elapsed(), true);
                    }
                    Next next = attempt(passed);
                    switch (next) {
                        case Next.Over(Outcome outcome) -> {
                            return Optional.of(outcome);
                        }
                        case Next.Moved() -> {
                            return Optional.empty();
                        }
                        case Next.Again(Duration pause, Outcome instead) -> {
                            if (pause.compareTo(left()) > 0) {
                                return Optional.of(instead);
                            }
                            if (caller.leavesWithin(pause)) {
                                return Optional.of(new Outcome.Withdrawn());
                            }
                        }
                    }
                }
            }
        }
    }

    private Turn<Verdict> turn(Ticket ticket) throws InterruptedException {
        if (call.skipLimits()) {
            return new Turn.Came<>(admit(charges()));
        }
        return ticket.await(left(), () -> switch (admit(ticket)) {
            case Verdict.Denied(Decision.Denied denial) -> new Ruling.NotYet<>(denial);
            case Verdict verdict -> new Ruling.Decided<>(verdict);
        });
    }

    private Verdict admit(Ticket ticket) {
        Acquisition acquisition = charges();
        ticket.recharge(acquisition.charges());
        return admit(acquisition);
    }

    private Verdict admit(Acquisition acquisition) {
        asked = acquisition;
        long before = System.nanoTime();
        askedAt = before;
        Verdict verdict = pipeline.admission.admit(
                claim.map(ClaimRequest::byNewHolder), keyed, acquisition, CallLimits.place(call, elapsed()));
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        switch (verdict) {
            case Verdict.Passed(Optional<Fence> fence, Decision.Allowed allowed) -> {
                pipeline.events.decided(call, acquisition, allowed, took);
                fence.ifPresent(mine -> pipeline.events.claimed(call, new Claim.New(mine)));
            }
            case Verdict.Denied(Decision.Denied denied) -> {
                stoodInLine = true;
                pipeline.events.decided(call, acquisition, denied, took);
            }
            case Verdict.Taken taken -> pipeline.told(call, taken);
            case Verdict.Queued queued -> pipeline.told(call, queued);
        }
        return verdict;
    }

    /** What a twin means for this call, once it has ended if it is queued; empty if it is to decide again. */
    private Optional<Outcome> answerOf(Optional<Verdict> known, Ticket ticket) throws InterruptedException {
        Optional<Verdict> twin = known;
        if (twin.orElse(null) instanceof Verdict.Queued queued) {
            ticket.stepAside();
            twin = new QueuedTwinWait(pipeline.admission, claim.orElseThrow(), caller, this::left).end(queued);
        }
        if (twin.orElse(null) instanceof Verdict.Queued(MessageId message, boolean pending)) {
            return Optional.of(
                    pending && caller.hasLeft() ? new Outcome.Withdrawn() : new Outcome.Queued(message, pending));
        }
        return twin.orElse(null) instanceof Verdict.Taken(Claim taken) ? answerOf(taken) : Optional.empty();
    }

    /** What a twin's claim means for this call; empty if the twin is still at it. */
    private Optional<Outcome> answerOf(Claim taken) {
        if (!keyed && taken instanceof Claim.Completed(var result)) {
            receipt.handedOver(call, claim.orElseThrow(), result);
        }
        return pipeline.answerOf(claim.orElseThrow().key(), taken);
    }

    /** What follows an attempt. */
    private sealed interface Next {
        record Over(Outcome outcome) implements Next {}

        /** Try again after a pause, unless the wait is over before: then this. */
        record Again(Duration pause, Outcome instead) implements Next {}

        record Moved() implements Next {}
    }

    private Next attempt(Verdict.Passed passed) throws InterruptedException {
        Optional<Fence> fence = passed.fence();
        var charged = Objects.requireNonNull(asked, "passed without having asked");
        var lateness = new Lateness(postponement(passed, charged), askedAt);
        if (caller.hasLeft()) {
            settle(fence, new Settlement.Release(), Optional.empty());
            return new Next.Over(new Outcome.Withdrawn());
        }
        if (Thread.interrupted()) {
            settle(fence, new Settlement.Release(), Optional.empty());
            throw new InterruptedException("interrupted before the call was sent");
        }
        Optional<Heartbeats.Beating> beating = fence.map(pipeline.heartbeats::keep);
        boolean answerPending = false;
        long before = System.nanoTime();
        try {
            Attempt attempt = sender.send(new Dispatch(movedTo, lateness::writing));
            pipeline.events.attempted(call, attempt, Duration.ofNanos(System.nanoTime() - before));
            lateness.awaitTold();
            Next next = switch (attempt) {
                case Attempt.Answered(Reply reply) when reply.status() == 429 -> flooded(passed, charged, reply);
                case Attempt.Answered(Reply reply) -> answered(fence, reply, beating);
                case Attempt.NotReached(String reason) -> notReached(fence, reason);
                case Attempt.Unanswered(String reason) -> unanswered(fence, reason);
            };
            answerPending = receipt.isPending();
            return next;
        } catch (InterruptedException | RuntimeException e) {
            settleUninterrupted(fence, unknown());
            throw e;
        } finally {
            if (!answerPending) {
                beating.ifPresent(Heartbeats.Beating::close);
            }
        }
    }

    /** What passed uncharged counts from no time. */
    private Consumer<Duration> postponement(Verdict.Passed passed, Acquisition charged) {
        return passed.limits().shadowDenied().isPresent()
                ? late -> {}
                : late -> pipeline.admission.postpone(charged, passed.limits(), late);
    }

    private Next flooded(Verdict.Passed passed, Acquisition charged, Reply reply) {
        Duration retryAfter = reply.retryAfter().filter(Duration::isPositive).orElse(SOON);
        pipeline.events.flooded(call, retryAfter);
        Flood flood = pipeline.limits.flood(call, retryAfter, passed, charged);
        settle(passed.fence(), new Settlement.Release(), Optional.of(flood));
        // The park is in the buckets now: waiting again finds it there.
        var limited = new Outcome.RateLimited(flood.parked().scope(), retryAfter);
        return retryAfter.compareTo(left()) > 0 || call.skipLimits()
                ? new Next.Over(limited)
                : new Next.Again(Duration.ZERO, limited);
    }

    private Next answered(Optional<Fence> fence, Reply reply, Optional<Heartbeats.Beating> beating) {
        if (reply.migrateTo().isPresent() && movedTo.isEmpty()) {
            settle(fence, new Settlement.Release(), Optional.empty());
            movedTo = reply.migrateTo();
            call = call.movedTo(reply.migrateTo().get());
            return new Next.Moved();
        }
        if (reply.status() >= 500) {
            return unanswered(fence, "upstream answered " + reply.status(), Optional.of(reply));
        }
        Outcome outcome = reply.isSuccess() ? new Outcome.Sent(reply) : new Outcome.Refused(reply);
        if (keyed) {
            var result = pipeline.results.stored(call, call.key().orElseThrow(), reply);
            settle(
                    fence,
                    reply.isSuccess()
                            ? new Settlement.Complete(result, call.keep())
                            : new Settlement.Fail(result, call.keep()),
                    Optional.empty());
        } else {
            // Nobody waits longer for a receipt than an ambiguous attempt matters.
            beating.ifPresent(beats -> beats.endAfter(pipeline.settings.ambiguousWindow()));
            fence.ifPresent(mine -> receipt.owed(call, mine, reply, beating));
        }
        return new Next.Over(outcome);
    }

    private Next notReached(Optional<Fence> fence, String reason) {
        settle(fence, new Settlement.Release(), Optional.empty());
        return new Next.Again(
                pipeline.settings.backoff().delay(++failures, pipeline.random), new Outcome.NotReached(reason));
    }

    private Next unanswered(Optional<Fence> fence, String reason) {
        return unanswered(fence, reason, Optional.empty());
    }

    private Next unanswered(Optional<Fence> fence, String reason, Optional<Reply> reply) {
        if (!call.method().isRepeatable()) {
            settle(fence, unknown(), Optional.empty());
            return new Next.Over(pipeline.unknown(reason));
        }
        settle(fence, new Settlement.Release(), Optional.empty());
        Outcome instead = reply.<Outcome>map(Outcome.Refused::new).orElseGet(() -> pipeline.unknown(reason));
        return ++failures > pipeline.settings.maxRetries()
                ? new Next.Over(instead)
                : new Next.Again(pipeline.settings.backoff().delay(failures, pipeline.random), instead);
    }

    private Settlement unknown() {
        return keep.isZero() ? new Settlement.Release() : new Settlement.MarkUnknown(keep);
    }

    /** Settles although the thread may have been interrupted, which must not keep the outcome from being written. */
    private void settleUninterrupted(Optional<Fence> fence, Settlement settlement) {
        boolean interrupted = Thread.interrupted();
        settle(fence, settlement, Optional.empty());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void settle(Optional<Fence> fence, Settlement settlement, Optional<Flood> flood) {
        pipeline.settler.settle(call, fence.map(mine -> new Claimed(mine, settlement)), flood);
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    private Duration left() {
        Duration left = call.maxWait().minus(elapsed());
        return left.isNegative() ? Duration.ZERO : left;
    }
}
