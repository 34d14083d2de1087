package dev.sluice.server.gateway;

import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Delivery.Delivered;
import dev.sluice.delivery.Delivery.Receipt;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.queue.MessageId;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.callback.CallbackUrl;
import dev.sluice.server.gateway.TrustedTokens.Verdict;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one call that counts against Telegram's limits: headers, token and body on the event loop, then decided,
 * delivered and answered on a virtual thread of its own.
 */
final class MeteredCall {
    private static final Logger LOG = LoggerFactory.getLogger(MeteredCall.class);

    private static final int MOST_LOOKS = 3;

    private final Parts parts;
    private final Visit visit;
    private final Route.Call call;
    private final HttpServerRequest request;
    private final Caller caller = new Caller();

    MeteredCall(Parts parts, Visit visit, Route.Call call) {
        this.parts = parts;
        this.visit = visit;
        this.call = call;
        this.request = visit.request();
    }

    void begin() {
        CallHeaders headers;
        try {
            headers = CallHeaders.of(request.headers());
            if (headers.skipLimits() && !rules().maySkipLimits()) {
                throw Refusal.badRequest("header X-Sluice-Skip-Limits is not allowed for this bot");
            }
            if (headers.async().isPresent()) {
                requireQueueable();
                headers.callback().ifPresent(this::requireCallable);
            }
        } catch (Refusal refusal) {
            visit.refuse(refusal.answer());
            return;
        }
        Future<Verdict> verdict = parts.tokens().check(call.account());
        if (verdict.isComplete()) {
            judged(verdict.result(), headers);
        } else {
            request.pause();
            verdict.onComplete(known -> visit.context().runOnContext(run -> {
                judged(known.result(), headers);
                request.resume();
            }));
        }
    }

    private void requireQueueable() {
        if (parts.queue().isEmpty()) {
            throw Refusal.of(501, "Not Implemented: Prefer: respond-async needs the queue, which this Sluice has not");
        }
        if (!Acceptance.isPossible(call.method())) {
            throw Refusal.badRequest(
                    "Prefer: respond-async does not go with " + call.method() + ", which is called for its answer");
        }
        if (visit.announcedLength() > AsyncCall.MOST_BODY && visit.announcedLength() < Long.MAX_VALUE) {
            throw AsyncCall.tooLarge();
        }
    }

    private void requireCallable(CallbackUrl callback) {
        parts.queue().flatMap(queue -> queue.refusal(callback)).ifPresent(why -> {
            throw Refusal.badRequest("header X-Sluice-Callback " + why);
        });
    }

    private void judged(Verdict verdict, CallHeaders headers) {
        switch (verdict) {
            case Verdict.Refused(Answer answer) -> visit.refuse(answer);
            case Verdict.Trusted() when visit.isGone() -> visit.over();
            case Verdict.Trusted() -> receive(headers);
        }
    }

    private void receive(CallHeaders headers) {
        SpoolSettings bounds = parts.settings().spool();
        if (visit.announcedLength() > bounds.upload() && visit.announcedLength() < Long.MAX_VALUE) {
            visit.refuse(Refusal.tooLarge("a body is at most " + bounds.upload() + " bytes")
                    .answer());
            return;
        }
        if (visit.expectsContinue()) {
            request.response().writeContinue();
        }
        var spool = new Spool(parts.vertx(), bounds, parts.spoolBudget());
        BodyReceiver.receive(parts.vertx(), request, spool)
                .onSuccess(body -> {
                    visit.onLeave(() -> Thread.startVirtualThread(caller::leave)); // watchers may block
                    Thread.ofVirtual().name("call").start(() -> run(headers, body, spool));
                })
                .onFailure(failure -> {
                    spool.close();
                    if (failure instanceof Refusal refusal) {
                        visit.refuse(refusal.answer());
                    } else {
                        visit.over();
                    }
                });
    }

    private void run(CallHeaders headers, ReceivedBody body, Spool spool) {
        try {
            deliver(headers, body.decoded());
        } catch (Refusal refusal) {
            write(refusal.answer());
        } catch (InterruptedException e) {
            write(Answers.unavailable("shutting down", Duration.ofSeconds(1)));
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            String incident = UUID.randomUUID().toString();
            LOG.error("bot {} {}: incident {}", bot(), call.method().canonical(), incident, e);
            write(Answers.broken(incident));
        } finally {
            visit.context().runOnContext(run -> {
                spool.close();
                visit.finish();
            });
        }
    }

    private void deliver(CallHeaders headers, ReceivedBody body) throws InterruptedException {
        Parameters parameters = body.parameters(call.query());
        Optional<ChatId> chat = parameters.chat();
        Optional<Duration> patience = patience(headers, body);
        OutboundCall outbound = outbound(headers, parameters, chat, patience);
        Optional<AsyncCall> async = patience.flatMap(wanted -> parts.queue())
                .map(queue -> new AsyncCall(queue, visit.context(), call, request, rules().joinsTexts()));
        var sender = new UpstreamSender(
                parts, visit.context(), call, request.method(), request.headers(), body.outgoing(), chat);
        long start = System.nanoTime();
        boolean waits = async.isEmpty() || outbound.maxWait().isPositive();
        // Whoever finds its key at the other place goes there; between two looks what has the key may let go of it.
        for (int look = 0; look < MOST_LOOKS; look++) {
            OutboundCall now = look == 0 ? outbound : outbound.waitingAtMost(left(outbound, start));
            if (waits && !tried(now, chat, async.isPresent(), sender)) {
                return;
            }
            waits = true;
            Optional<Answer> answer = async.orElseThrow().queue(outbound, body, parameters, chat, headers.callback());
            if (answer.isPresent()) {
                write(answer.get());
                return;
            }
        }
        write(Answers.tooMany("twin", Duration.ofSeconds(1)));
    }

    private static Duration left(OutboundCall outbound, long start) {
        Duration left = outbound.maxWait().minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Makes it as a call that waits, and answers.
     *
     * @param queueable whether it is queued when that is in vain
     * @return whether it is to be queued: then there is no answer yet, and no receipt to sign since nothing was sent
     */
    private boolean tried(OutboundCall outbound, Optional<ChatId> chat, boolean queueable, UpstreamSender sender)
            throws InterruptedException {
        Delivered delivered = parts.delivery().deliver(outbound, caller, sender);
        if (delivered.outcome() instanceof Outcome.Unknown(String reason, String id)) {
            LOG.warn(
                    "bot {} {}: outcome unknown ({}), attempt {}",
                    bot(),
                    call.method().canonical(),
                    reason,
                    id);
        }
        if (queueable && AsyncCall.isStillToSend(delivered.outcome())) {
            return true;
        }
        if (delivered.outcome() instanceof Outcome.Queued(MessageId message, boolean pending)
                && parts.queue().isPresent()) {
            var twin = new QueuedTwin(parts.queue().get(), call.method(), chat, outbound.cost());
            Function<MessageId, Answer> waiting = queueable ? twin::accepted : Answers::twinQueued;
            write(pending ? waiting.apply(message) : twin.ended(message, waiting));
        } else {
            sign(delivered.receipt(), delivered.outcome());
        }
        return false;
    }

    private void sign(Receipt receipt, Outcome outcome) {
        boolean written = false;
        try {
            written = write(Answers.of(outcome));
        } finally {
            if (written) {
                receipt.answered();
            } else {
                receipt.lost();
            }
        }
    }

    /** How long it waits before it is queued, as its caller or the bot's rules say; empty if it never is. */
    private Optional<Duration> patience(CallHeaders headers, ReceivedBody body) {
        if (headers.async().isPresent()) {
            return headers.async().map(Preference::patience);
        }
        // A rule speaks of calls that can be queued; others wait, since nobody asked for what they cannot have.
        if (parts.queue().isEmpty()
                || headers.skipLimits()
                || !Acceptance.isPossible(call.method())
                || body.outgoing().length() > AsyncCall.MOST_BODY) {
            return Optional.empty();
        }
        return switch (rules().overflow().of(call.method())) {
            case WAIT -> Optional.empty();
            case QUEUE -> Optional.of(headers.maxWait().orElse(parts.settings().maxWait()));
            case ASYNC -> Optional.of(headers.maxWait().orElse(Duration.ZERO));
        };
    }

    private OutboundCall outbound(
            CallHeaders headers, Parameters parameters, Optional<ChatId> chat, Optional<Duration> patience) {
        Method method = call.method();
        Fingerprint fingerprint = parameters.fingerprint();
        Optional<ChatId> resolved = chat.map(named -> parts.chats().resolve(bot(), named));
        boolean vip = resolved.filter(parts.settings().vips()).isPresent();
        boolean reply = headers.reply().orElseGet(parameters::isReply);
        return new OutboundCall(
                bot(),
                method,
                resolved,
                parameters.cost(method),
                parameters.isPaid(),
                fingerprint,
                key(headers, fingerprint),
                headers.keep().orElse(parts.settings().keep()),
                patience.or(headers::maxWait).orElse(parts.settings().maxWait()),
                priority(headers, parameters, reply, vip),
                headers.skipLimits(),
                vip,
                reply);
    }

    private Priority priority(CallHeaders headers, Parameters parameters, boolean reply, boolean vip) {
        if (vip) {
            return Priority.HIGH;
        }
        return headers.priority()
                .orElseGet(
                        () -> rules().priorities().of(parameters.traits(call.method(), reply, headers.skipLimits())));
    }

    private Optional<IdempotencyKey> key(CallHeaders headers, Fingerprint fingerprint) {
        String tag = bot().toString();
        String namespace = call.method().canonical() + (call.account().test() ? "@test" : "");
        if (headers.idempotencyKey().isPresent()) {
            return headers.idempotencyKey().map(key -> IdempotencyKey.derived(tag, namespace, key));
        }
        boolean byContent = headers.dedupeByContent()
                .orElseGet(() -> rules().dedupesByContent().contains(call.method()));
        return byContent ? Optional.of(IdempotencyKey.fromContent(tag, namespace, fingerprint)) : Optional.empty();
    }

    /** Whether the connection took it. */
    private boolean write(Answer answer) {
        try {
            visit.answer(answer).toCompletionStage().toCompletableFuture().get(); // a visit's answer always ends
            return true;
        } catch (ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private BotRules rules() {
        return parts.settings().rules().apply(bot());
    }

    private BotId bot() {
        return call.account().token().bot();
    }
}
