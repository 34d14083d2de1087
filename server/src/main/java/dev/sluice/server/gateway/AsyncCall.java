package dev.sluice.server.gateway;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.queue.Enqueued;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.callback.CallbackUrl;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A call that is queued, at once or when its caller has waited long enough. */
final class AsyncCall {
    /** What the queue takes: uploads belong on the way that streams. */
    static final int MOST_BODY = 1 << 20;

    private static final Duration SOON = Duration.ofSeconds(1);

    /** A full queue empties by some thirty messages a second. */
    private static final Duration FULL = Duration.ofSeconds(5);

    private final CallQueue queue;
    private final Context context;
    private final Route.Call call;
    private final HttpServerRequest request;
    private final boolean joins;

    /**
     * @param context of the request's event loop
     * @param joins whether its bot's short texts may be joined
     */
    AsyncCall(CallQueue queue, Context context, Route.Call call, HttpServerRequest request, boolean joins) {
        this.queue = queue;
        this.context = context;
        this.call = call;
        this.request = request;
        this.joins = joins;
    }

    static Refusal tooLarge() {
        return Refusal.tooLarge("a body that is queued is at most " + MOST_BODY + " bytes");
    }

    /** Whether a call that was waited for in vain is still to be sent. One that is stopped is told to come again. */
    static boolean isStillToSend(Outcome outcome) {
        return switch (outcome) {
            case Outcome.RateLimited(String scope, Duration retryAfter) -> !scope.equals("stopping");
            case Outcome.NotReached(String reason) -> true;
            case Outcome.Sent s -> false;
            case Outcome.Duplicate d -> false;
            case Outcome.Refused r -> false;
            case Outcome.TwinInFlight t -> false;
            case Outcome.Unknown u -> false;
            case Outcome.StoreUnavailable u -> false;
            case Outcome.Mismatch m -> false;
            case Outcome.Withdrawn w -> false;
            case Outcome.Queued q -> false;
        };
    }

    /**
     * Queues it; empty if its key belongs to a call that waits, or waited, for its answer, which it is to be answered as.
     *
     * @param named the chat as the caller named it
     * @param callback who is told what became of it
     */
    Optional<Answer> queue(
            OutboundCall outbound,
            ReceivedBody body,
            Parameters parameters,
            Optional<ChatId> named,
            Optional<CallbackUrl> callback)
            throws InterruptedException {
        if (body.outgoing().length() > MOST_BODY) {
            throw tooLarge();
        }
        BotToken token = call.account().token();
        var stored = new StoredCall(
                call.method(),
                call.account().test(),
                call.query(),
                Optional.ofNullable(request.getHeader("Content-Type")),
                named,
                Optional.of(token),
                bytes(body.outgoing()));
        try {
            Enqueued enqueued = queue.enqueue(
                    outbound,
                    stored,
                    CallQueue.Terms.NONE.toldTo(callback),
                    Coalescing.of(
                            outbound, parameters, call.account().test(), joins && body.kind() != BodyKind.MULTIPART));
            return switch (enqueued) {
                case Enqueued.Added(var id) ->
                    Optional.of(Acceptance.of(
                            call.method(), named, outbound.cost(), id, queue.isDurable(outbound.bot()), false));
                case Enqueued.Known(var id) ->
                    Optional.of(new QueuedTwin(queue, call.method(), named, outbound.cost()).accepted(id));
                case Enqueued.Mismatch(var id) -> Optional.of(Answers.mismatch());
                case Enqueued.Claimed(var standing) -> Optional.empty();
                case Enqueued.Full(long bound) -> Optional.of(Answers.tooMany("queue", FULL));
            };
        } catch (RedisUnavailableException e) {
            return Optional.of(
                    e.mayHaveRun()
                            ? Answers.perhapsQueued(SOON)
                            : Answers.unavailable(
                                    e.reason() == RedisUnavailableException.Reason.OUT_OF_MEMORY
                                            ? "the queue's store is full; not queued"
                                            : "the queue's store is not available; not sent",
                                    SOON));
        }
    }

    private byte[] bytes(Outgoing body) throws InterruptedException {
        if (body.length() == 0) {
            return new byte[0];
        }
        if (body.memory().isPresent()) {
            return body.memory().get().getBytes();
        }
        var whole = new CompletableFuture<Buffer>();
        context.runOnContext(run -> body.read(0, Math.toIntExact(body.length()))
                .onSuccess(whole::complete)
                .onFailure(whole::completeExceptionally));
        try {
            return whole.get().getBytes();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a spooled body can not be read", e);
        }
    }
}
