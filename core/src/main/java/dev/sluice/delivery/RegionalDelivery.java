package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned.BecomesUnknown;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.KeyStanding;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.MessageId;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.region.Homes;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The delivery of one of several regions. Calls without a key, and those whose key has its home here, are delivered as ever: one step decides
 * claim and limits. A key whose home is elsewhere is claimed there first, and then the call passes this region's limits without a claim of
 * its own; how it ended is written down at the key's home. Thread-safe.
 *
 * <pre>
 *   claimed at home ── waits, limits, attempt: here ──┬─ 2xx, refused ─────────────── kept at home
 *                                                     ├─ not sent ─────────────────── released at home
 *                                                     └─ no answer, process died ──── unknown at home
 * </pre>
 *
 * <p>The claim stands before the first byte is written, as everywhere. It is renewed while its call waits for its turn, so that a twin of any
 * region finds it in progress. Who dies while it waits leaves it unknown, although nothing was sent: rather not sent than sent twice. If
 * the home cannot be reached the call is refused, or goes on with a claim in its own region, by policy.
 *
 * <p>A message is queued in its own region, and its key's home keeps where that is. Then that region alone decides what the key means.
 */
final class RegionalDelivery implements Deliveries.Closeable, KeyedQueueing {
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final Receipt NOTHING_TO_SIGN = new Receipt() {
        @Override
        public void answered() {
            // What has a key was settled before it was answered.
        }

        @Override
        public void lost() {
            // Its repeat gets the answer.
        }
    };

    private final Pipeline here;
    private final String region;
    private final Homes<Optional<RedisHomeClaims>> homes;
    private final OnStoreFailure withoutHome;
    private final Heartbeats heartbeats;
    private final Withdrawals withdrawals;
    private final HomeSettlements settlements;

    /**
     * @param region this one
     * @param homes of all regions but this one
     * @param withoutHome what becomes of a call whose key's home cannot be reached: {@code CLOSED} refuses it
     */
    RegionalDelivery(Pipeline here, String region, Homes<Optional<RedisHomeClaims>> homes, OnStoreFailure withoutHome) {
        this.here = here;
        this.region = region;
        this.homes = homes;
        this.withoutHome = withoutHome;
        this.settlements = new HomeSettlements(here.results, region);
        this.heartbeats = new Heartbeats(
                (fence, lease) -> elsewhere(fence.key()).orElseThrow().heartbeat(fence, lease), here.settings.lease());
        this.withdrawals =
                new Withdrawals(claim -> elsewhere(claim.key()).orElseThrow().withdraw(claim), here.random);
    }

    /** What delivers in this region. */
    Pipeline here() {
        return here;
    }

    @Override
    public Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        Optional<RedisHomeClaims> home = call.key().flatMap(this::elsewhere);
        return home.isPresent() ? claimed(home.get(), call, caller, sender) : inOwnRegion(call, caller, sender);
    }

    private Delivered inOwnRegion(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        Delivered delivered = here.deliver(call, caller, sender);
        return delivered.outcome() instanceof Outcome.Duplicate(Reply reply)
                ? QueuedElsewhere.of(reply)
                        .map(queued -> new Delivered(pending(queued), delivered.receipt()))
                        .orElse(delivered)
                : delivered;
    }

    private Delivered claimed(RedisHomeClaims home, OutboundCall call, Caller caller, Sender sender)
            throws InterruptedException {
        long start = System.nanoTime();
        IdempotencyKey key = call.key().orElseThrow();
        while (true) {
            ClaimRequest claim = request(call);
            Verdict verdict;
            try {
                verdict = claim(home, claim);
            } catch (RedisUnavailableException e) {
                requireUninterrupted(e);
                return withoutHome == OnStoreFailure.CLOSED
                        ? over(call, new Outcome.StoreUnavailable(SOON))
                        : inOwnRegion(call.waitingAtMost(left(call, start)), caller, sender);
            }
            if (verdict instanceof Verdict.Passed(Optional<Fence> fence, var limits)) {
                here.events.claimed(call, new Claim.New(fence.orElseThrow()));
                return newAtHome(
                        home, fence.orElseThrow(), claim, call.waitingAtMost(left(call, start)), caller, sender);
            }
            here.told(call, verdict);
            if (verdict instanceof Verdict.Queued(MessageId message, boolean pending)) {
                return over(call, new Outcome.Queued(message, true));
            }
            Claim taken = ((Verdict.Taken) verdict).claim();
            Optional<QueuedElsewhere> queued = queued(key, taken);
            if (queued.isPresent()) {
                // Where it is queued is decided what becomes of it: the call waits for it, or goes if it was taken
                // back.
                return queued.get().region().equals(region)
                        ? here.deliver(call.waitingAtMost(left(call, start)), caller, sender)
                        : over(call, pending(queued.get()));
            }
            if (taken instanceof Claim.Unknown && queuedHere(claim).isPresent()) {
                return here.deliver(call.waitingAtMost(left(call, start)), caller, sender);
            }
            Optional<Outcome> outcome = here.answerOf(key, taken);
            if (outcome.isPresent()) {
                return over(call, outcome.get());
            }
            boolean ended = hasEnded(home, key, left(call, start), caller);
            if (caller.hasLeft()) {
                return over(call, new Outcome.Withdrawn());
            }
            if (!ended) {
                return over(call, new Outcome.TwinInFlight(SOON));
            }
        }
    }

    /** A home that does not answer has not said that the twin's attempt is over. */
    private static boolean hasEnded(RedisHomeClaims home, IdempotencyKey key, Duration max, Caller caller)
            throws InterruptedException {
        try {
            return home.awaitTwin(key, max, caller.gone());
        } catch (RedisUnavailableException e) {
            requireUninterrupted(e);
            return false;
        }
    }

    /**
     * The home may know nothing of what this region had under the key while the home was away, or of a message that it remembers no more.
     * Then that decides, and the home is told what can be told.
     */
    private Delivered newAtHome(
            RedisHomeClaims home, Fence fence, ClaimRequest claim, OutboundCall call, Caller caller, Sender sender)
            throws InterruptedException {
        Optional<Verdict> known = Optional.empty();
        try {
            known = here.admission.look(claim);
        } catch (RedisUnavailableException e) {
            if (Thread.currentThread().isInterrupted()) {
                settle(home, fence, call, new Settlement.Release());
                requireUninterrupted(e);
            }
            // The claim stands at home: without this region's Redis a call goes on by policy, as ever.
        }
        if (known.isEmpty()) {
            return dispatched(home, fence, call, caller, sender);
        }
        settle(home, fence, call, settlements.knownHere(call, known.get()));
        return here.deliver(call, caller, sender);
    }

    private Delivered dispatched(RedisHomeClaims home, Fence fence, OutboundCall call, Caller caller, Sender sender)
            throws InterruptedException {
        Heartbeats.Beating beating = heartbeats.keep(fence);
        Settlement end = new Settlement.MarkUnknown(call.keep());
        try {
            Delivered delivered = here.deliverClaimed(call, caller, sender);
            end = settlements.of(call, delivered.outcome());
            return delivered;
        } finally {
            settle(home, fence, call, end);
            beating.close();
        }
    }

    @Override
    public Enqueued enqueue(OutboundCall message, Duration delay, Supplier<Enqueued> queueing) {
        Optional<RedisHomeClaims> home = message.key().flatMap(this::elsewhere);
        if (home.isEmpty()) {
            return named(message, queueing.get());
        }
        ClaimRequest claim = request(message);
        Verdict verdict;
        try {
            verdict = claim(home.get(), claim);
        } catch (RedisUnavailableException e) {
            if (withoutHome == OnStoreFailure.CLOSED) {
                // Perhaps it was claimed; nothing was queued.
                throw new RedisUnavailableException(
                        e.reason(), "the home of the message's key was not reached, not queued", false, e);
            }
            return queueing.get();
        }
        here.told(message, verdict);
        return switch (verdict) {
            case Verdict.Passed(Optional<Fence> fence, var limits) ->
                enqueued(home.get(), fence.orElseThrow(), message, delay, queueing);
            case Verdict.Queued(MessageId other, boolean pending) -> new Enqueued.Known(other);
            case Verdict.Taken(Claim taken) ->
                queued(message.key().orElseThrow(), taken)
                        .<Enqueued>map(other ->
                                other.region().equals(region) ? queueing.get() : new Enqueued.Known(other.message()))
                        .or(() -> taken instanceof Claim.Unknown
                                ? queuedHere(claim).map(Enqueued.Known::new)
                                : Optional.empty())
                        .orElseGet(() -> new Enqueued.Claimed(standing(taken)));
            case Verdict.Denied d -> throw new IllegalStateException("no limit was asked");
        };
    }

    /** At its home, a key under which another region has queued a message is a call's that was answered. */
    private Enqueued named(OutboundCall message, Enqueued answer) {
        return answer instanceof Enqueued.Claimed(KeyStanding standing) && standing == KeyStanding.COMPLETED
                ? here.admission
                        .look(request(message))
                        .filter(Verdict.Taken.class::isInstance)
                        .flatMap(taken -> queued(message.key().orElseThrow(), ((Verdict.Taken) taken).claim()))
                        .<Enqueued>map(elsewhere -> new Enqueued.Known(elsewhere.message()))
                        .orElse(answer)
                : answer;
    }

    private Enqueued enqueued(
            RedisHomeClaims home, Fence fence, OutboundCall message, Duration delay, Supplier<Enqueued> queueing) {
        Settlement end = new Settlement.MarkUnknown(message.keep());
        try {
            Enqueued enqueued = queueing.get();
            end = switch (enqueued) {
                case Enqueued.Added(MessageId id) -> settlements.queued(message, id, delay);
                case Enqueued.Known(MessageId id) -> settlements.queued(message, id, delay);
                case Enqueued.Mismatch m -> new Settlement.Release();
                case Enqueued.Claimed c -> new Settlement.Release();
                case Enqueued.Full f -> new Settlement.Release();
            };
            return enqueued;
        } catch (RedisUnavailableException e) {
            if (!e.mayHaveRun()) {
                end = new Settlement.Release();
            }
            throw e;
        } finally {
            settle(home, fence, message, end);
        }
    }

    /**
     * What this region's queue has under a key of which the home knows only that somebody may have died: who queued it may have died, or
     * not have heard that it was queued, before the home was told.
     */
    private Optional<MessageId> queuedHere(ClaimRequest claim) {
        try {
            return here.admission.look(claim).orElse(null) instanceof Verdict.Queued(MessageId message, boolean pending)
                    ? Optional.of(message)
                    : Optional.empty();
        } catch (RedisUnavailableException e) {
            return Optional.empty();
        }
    }

    private static KeyStanding standing(Claim taken) {
        return switch (taken) {
            case Claim.Processing p -> KeyStanding.PROCESSING;
            case Claim.Completed c -> KeyStanding.COMPLETED;
            case Claim.Failed f -> KeyStanding.FAILED;
            case Claim.Unknown u -> KeyStanding.UNKNOWN;
            case Claim.Mismatch m -> KeyStanding.MISMATCH;
            case Claim.New n -> throw new IllegalStateException("a new claim is not a twin's");
        };
    }

    /** Claims; a claim whose answer was lost is taken back behind the scenes. */
    private Verdict claim(RedisHomeClaims home, ClaimRequest claim) {
        try {
            return home.claim(claim);
        } catch (RedisUnavailableException e) {
            if (e.mayHaveRun()) {
                withdrawals.later(claim);
            }
            throw e;
        }
    }

    private ClaimRequest request(OutboundCall call) {
        return new ClaimRequest(
                call.key().orElseThrow(), call.fingerprint(), here.settings.lease(), new BecomesUnknown(call.keep()));
    }

    private void settle(RedisHomeClaims home, Fence fence, OutboundCall call, Settlement end) {
        here.settler.settle(call, patience -> home.settle(fence, end, patience));
    }

    private Optional<QueuedElsewhere> queued(IdempotencyKey key, Claim taken) {
        return taken instanceof Claim.Completed(StoredResult result)
                ? here.results.reply(key, result).flatMap(QueuedElsewhere::of)
                : Optional.empty();
    }

    /** What became of it is known only where it is. */
    private static Outcome pending(QueuedElsewhere queued) {
        return new Outcome.Queued(queued.message(), true);
    }

    private Optional<RedisHomeClaims> elsewhere(IdempotencyKey key) {
        return homes.of(key.name());
    }

    private Delivered over(OutboundCall call, Outcome outcome) {
        here.events.ended(call, outcome);
        return new Delivered(outcome, NOTHING_TO_SIGN);
    }

    private static void requireUninterrupted(RedisUnavailableException e) throws InterruptedException {
        if (Thread.interrupted()) {
            var interrupted = new InterruptedException("interrupted while asking the key's home");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private static Duration left(OutboundCall call, long start) {
        Duration left = call.maxWait().minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    @Override
    public void limitsChanged(BotId bot) {
        here.limitsChanged(bot);
    }

    @Override
    public void close() {
        withdrawals.close();
        heartbeats.close();
        here.close();
    }
}
