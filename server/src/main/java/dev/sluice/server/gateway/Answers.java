package dev.sluice.server.gateway;

import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Reply;
import dev.sluice.queue.MessageId;
import java.time.Duration;
import java.util.Optional;

/** What a caller is told about each outcome: the contract's table. */
final class Answers {
    private static final String UNKNOWN = "unknown";
    private static final String NOT_SENT = "not_sent";
    private static final Duration SOON = Duration.ofSeconds(1);

    private Answers() {}

    static Answer of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Sent(Reply reply) -> telegrams(reply, false);
            case Outcome.Refused(Reply reply) -> telegrams(reply, false);
            case Outcome.Duplicate(Reply reply) -> telegrams(reply, true);
            case Outcome.RateLimited(String scope, Duration delay) -> tooMany(scope, delay);
            case Outcome.TwinInFlight(Duration delay) -> tooMany("twin", delay);
            case Outcome.Queued(MessageId message, boolean pending) -> twinQueued(message);
            case Outcome.NotReached(String reason) -> notReached(reason);
            case Outcome.Unknown(String reason, String id) -> unknown(reason, id);
            case Outcome.StoreUnavailable(Duration delay) ->
                unavailable("the store that must decide is not available; not sent", delay);
            case Outcome.Mismatch() -> mismatch();
            case Outcome.Withdrawn() -> // its caller is gone, as a rule
                unavailable("withdrawn; not sent", Duration.ofSeconds(1));
        };
    }

    static Answer mismatch() {
        return Answer.error(422, "Unprocessable Entity: this Idempotency-Key was used for other content; not sent");
    }

    /** Redis was asked to queue it and did not say whether it has. */
    static Answer perhapsQueued(Duration delay) {
        Envelope envelope = Envelope.error(
                        503,
                        "Service Unavailable: the queue did not answer, and may have it; under an Idempotency-Key it can"
                                + " be repeated")
                .retryAfter(delay)
                .sluice("outcome", UNKNOWN);
        return new Answer(503, envelope.bytes(), Optional.of(delay), false);
    }

    static Answer tooMany(String scope, Duration delay) {
        Envelope envelope = Envelope.error(429, "Too Many Requests: retry after " + Answer.wholeSeconds(delay))
                .retryAfter(delay)
                .sluice("outcome", NOT_SENT)
                .sluice("scope", scope);
        return new Answer(429, envelope.bytes(), Optional.of(delay), false);
    }

    /** The message that has its key is still to be sent. */
    static Answer twinQueued(MessageId message) {
        Envelope envelope = Envelope.error(
                        429, "Too Many Requests: the message queued under this Idempotency-Key is still to be sent")
                .retryAfter(SOON)
                .sluice("outcome", NOT_SENT)
                .sluice("scope", "twin")
                .sluice("id", message.toString());
        return new Answer(429, envelope.bytes(), Optional.of(SOON), false);
    }

    /** The message that has its key will not be sent. */
    static Answer twinFailed(int status, String description, MessageId message) {
        Envelope envelope =
                Envelope.error(status, description).sluice("outcome", "failed").sluice("id", message.toString());
        return new Answer(status, envelope.bytes(), Optional.empty(), true);
    }

    static Answer notReached(String reason) {
        Envelope envelope = Envelope.error(502, "Bad Gateway: Telegram was not reached (" + reason + "); not sent")
                .sluice("outcome", NOT_SENT);
        return new Answer(502, envelope.bytes(), Optional.empty(), false);
    }

    static Answer unknown(String reason, String id) {
        Envelope envelope = Envelope.error(
                        504,
                        "Gateway Timeout: Telegram may have done it (" + reason + "); it is not repeated by itself")
                .sluice("outcome", UNKNOWN)
                .sluice("id", id);
        return new Answer(504, envelope.bytes(), Optional.empty(), false);
    }

    static Answer unavailable(String why, Duration delay) {
        Envelope envelope = Envelope.error(503, "Service Unavailable: " + why)
                .retryAfter(delay)
                .sluice("outcome", NOT_SENT);
        return new Answer(503, envelope.bytes(), Optional.of(delay), false);
    }

    /** A bug of ours: its incident is in the log, its outcome nobody knows. */
    static Answer broken(String incident) {
        Envelope envelope = Envelope.error(500, "Internal Server Error: see incident " + incident + " in Sluice's log")
                .sluice("outcome", UNKNOWN)
                .sluice("id", incident);
        return new Answer(500, envelope.bytes(), Optional.empty(), false);
    }

    private static Answer telegrams(Reply reply, boolean replay) {
        return new Answer(reply.status(), reply.body(), reply.retryAfter(), replay);
    }
}
