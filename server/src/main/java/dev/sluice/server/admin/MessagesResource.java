package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.KeyStanding;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.PauseScope;
import dev.sluice.queue.Why;
import dev.sluice.queue.Why.Hold;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.callback.CallbackUrl;
import dev.sluice.server.gateway.CallQueue;
import dev.sluice.server.gateway.Submissions;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Queued messages, one by one. */
public final class MessagesResource implements Resource {
    static final ProblemKind NO_TOKEN = new ProblemKind(409, "bot-without-token", "The bot has no known token");
    static final ProblemKind MISMATCH =
            new ProblemKind(422, "key-mismatch", "The idempotency key was used for other content");
    private static final ProblemKind CALLED =
            new ProblemKind(409, "key-of-a-call", "The idempotency key was used for the same call through the gateway");
    private static final ProblemKind FULL = new ProblemKind(429, "queue-full", "The bot's queue is full");
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final Shape NEW = Fields.of(
            Field.required("method", Text.matching("[A-Za-z][A-Za-z0-9_]{0,63}"), "A method that sends or edits."),
            Field.required("params", new Shape.AnyObject(), "Its parameters."),
            Field.optional("priority", Text.matching("high|normal|low"), "Unless given, replies are high."),
            Field.optional(
                    "reply", new Shape.Flag(), "Whether it counts as a reply; its parameters say so unless given."),
            Field.optional("idempotency_key", Text.matching("[\\x20-\\x7E]{1,255}"), "It is queued once under it."),
            Field.optional("not_before", Text.time(), "When it may be sent, at the earliest."),
            Field.optional("deadline", Text.time(), "When it is not worth sending any more."),
            Field.optional(
                    "policy", Text.matching("at-most-once|at-least-once"), "If nobody knows whether it was sent."),
            Field.optional(
                    "callback_url",
                    Text.secret("[\\x21-\\x7E]{1,2048}"),
                    "Who is told what became of it; see docs/async.md."));
    private static final Shape ACCEPTED = Fields.of(
            Field.required("id", MessageJson.ID.shape(), "The message's id."),
            Field.required("outcome", Text.matching("queued|duplicate"), "duplicate: its key was used before."),
            Field.required(
                    "durable", new Shape.Flag(), "Whether it outlives a crash of the store; see docs/async.md."));
    private static final Shape WHY = Fields.of(
            Field.required("state", Text.any(), "Where it is."),
            Field.required(
                    "hold",
                    Text.matching("not-before|in-flight|paused|backoff|limited|nothing|ended"),
                    "What holds it, or the first of its chat."),
            Field.required("ahead", new Whole(0, Long.MAX_VALUE), "How many of its chat go before it."),
            Field.required("remaining_ms", new OrNull(new Whole(0, Long.MAX_VALUE)), "For how long, if that is known."),
            Field.required("scope", new OrNull(Text.any()), "Which limit, or what is paused."),
            Field.required("cause", new OrNull(Text.any()), "Of a limit: limit, park, learned or turn."));

    private final MessageQueue queue;
    private final Submissions submissions;
    private final Bots bots;
    private final Sealer sealer;
    private final InstantSource clock;

    public MessagesResource(
            MessageQueue queue, Submissions submissions, Bots bots, Sealer sealer, InstantSource clock) {
        this.queue = queue;
        this.submissions = submissions;
        this.bots = bots;
        this.sealer = sealer;
        this.clock = clock;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.post("/v1/bots/{bot}/messages", "queueMessage", "Queues a call of a registered bot's.")
                        .with(MessageJson.BOT)
                        .takes(NEW)
                        .answers(202, "It is queued.", ACCEPTED)
                        .refuses(NO_TOKEN, MISMATCH, CALLED, FULL, ProblemKind.STORE)
                        .by(this::queue),
                Operation.get("/v1/messages/{id}", "getMessage", "Shows a message.")
                        .with(MessageJson.ID)
                        .answers(200, "The message.", MessageJson.SHAPE)
                        .refuses(MessageJson.MISSING, ProblemKind.STORE)
                        .by(this::show),
                Operation.delete("/v1/messages/{id}", "cancelMessage", "Takes back what has not been dispatched.")
                        .with(MessageJson.ID)
                        .answers(
                                204,
                                "It will not be sent. If an attempt may have reached Telegram it is unknown now, else failed.")
                        .refuses(MessageJson.MISSING, MessageJson.IN_FLIGHT, MessageJson.WRONG_STATE, ProblemKind.STORE)
                        .by(request -> MessageJson.answer(queue.cancel(request.get(MessageJson.ID)))),
                Operation.get("/v1/messages/{id}/why", "whyMessage", "Says what holds a message, and for how long.")
                        .with(MessageJson.ID)
                        .answers(200, "What holds it.", WHY)
                        .refuses(MessageJson.MISSING, ProblemKind.STORE)
                        .by(this::why));
    }

    private AdminResponse queue(AdminRequest request) {
        BotId bot = MessageJson.bot(request);
        JsonNode body = request.body();
        var method = new Method(body.path("method").asString());
        if (!Submissions.canBeQueued(method)) {
            throw malformed("/method", "must be a method that sends or edits, and is not called for its answer");
        }
        if (bots.token(bot).isEmpty()) {
            throw Problem.of(NO_TOKEN, "register it: POST /v1/bots; nothing was queued")
                    .asRefusal();
        }
        var enqueued = submissions.submit(
                bot,
                method,
                body.path("params").toString().getBytes(UTF_8),
                text(body, "priority").flatMap(Priority::parse),
                Optional.of(body.path("reply")).filter(JsonNode::isBoolean).map(JsonNode::asBoolean),
                text(body, "idempotency_key"),
                terms(body));
        return switch (enqueued) {
            case Enqueued.Added(MessageId id) -> accepted(id, "queued");
            case Enqueued.Known(MessageId id) -> accepted(id, "duplicate");
            case Enqueued.Mismatch(MessageId id) ->
                throw Problem.of(MISMATCH, "it is " + id + "; nothing was queued")
                        .asRefusal();
            case Enqueued.Claimed(KeyStanding standing) ->
                throw Problem.of(
                                standing == KeyStanding.MISMATCH ? MISMATCH : CALLED,
                                "the call stands as " + MessageJson.word(standing) + "; nothing was queued")
                        .asRefusal();
            case Enqueued.Full(long bound) ->
                throw Problem.of(FULL, "it holds " + bound + "; nothing was queued")
                        .retryAfter(SOON)
                        .asRefusal();
        };
    }

    private AdminResponse accepted(MessageId id, String outcome) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", id.toString());
        json.put("outcome", outcome);
        json.put("durable", submissions.isDurable(id.bot()));
        return AdminResponse.json(202, json).at("/v1/messages/" + id);
    }

    /** The queue counts on its own clock: what is told to it is how long from now. */
    private CallQueue.Terms terms(JsonNode body) {
        Instant now = clock.instant();
        Duration delay = time(body, "not_before")
                .map(time -> Duration.between(now, time))
                .filter(Duration::isPositive)
                .orElse(Duration.ZERO);
        if (delay.compareTo(NewMessage.LONGEST_DELAY) > 0) {
            throw malformed("/not_before", "must be within " + NewMessage.LONGEST_DELAY.toDays() + " days");
        }
        Optional<Duration> lifetime = time(body, "deadline").map(time -> Duration.between(now, time));
        if (lifetime.filter(left -> left.compareTo(delay) <= 0).isPresent()) {
            throw malformed("/deadline", "must be to come, and after not_before");
        }
        if (lifetime.filter(left -> left.compareTo(NewMessage.LONGEST_DELAY) > 0)
                .isPresent()) {
            throw malformed("/deadline", "must be within " + NewMessage.LONGEST_DELAY.toDays() + " days");
        }
        return new CallQueue.Terms(
                delay, lifetime, body.path("policy").asString("").equals("at-least-once"), callback(body));
    }

    private Optional<CallbackUrl> callback(JsonNode body) {
        Optional<String> text = text(body, "callback_url");
        Optional<CallbackUrl> url = text.flatMap(CallbackUrl::parse);
        if (url.isEmpty() && text.isPresent()) {
            throw malformed("/callback_url", "must be " + CallbackUrl.ACCEPTED);
        }
        url.flatMap(submissions::refusal).ifPresent(why -> {
            throw malformed("/callback_url", why);
        });
        return url;
    }

    private static Optional<Instant> time(JsonNode body, String name) {
        try {
            return text(body, name).map(Instant::parse);
        } catch (DateTimeException e) {
            throw malformed("/" + name, "must be a time such as 2026-01-02T03:04:05Z");
        }
    }

    private static Optional<String> text(JsonNode body, String name) {
        return body.has(name) ? Optional.of(body.path(name).asString()) : Optional.empty();
    }

    private static Problem.Refusal malformed(String at, String detail) {
        return Problem.malformed(List.of(new Violation(at, detail))).asRefusal();
    }

    private AdminResponse show(AdminRequest request) {
        MessageId id = request.get(MessageJson.ID);
        return queue.find(id)
                .map(message -> MessageJson.of(message, sealer))
                .map(json -> {
                    json.put(
                            "callback",
                            queue.callbacks().find(id).map(MessageJson::of).orElse(null));
                    return AdminResponse.json(200, json);
                })
                .orElseThrow(() -> MessageJson.missing().asRefusal());
    }

    private AdminResponse why(AdminRequest request) {
        return queue.why(request.get(MessageJson.ID))
                .map(why -> AdminResponse.json(200, json(why)))
                .orElseThrow(() -> MessageJson.missing().asRefusal());
    }

    private static Map<String, Object> json(Why why) {
        Hold hold = why.hold() instanceof Hold.Behind(Hold first) ? first : why.hold();
        return switch (hold) {
            case Hold.NotBefore(Duration left) -> json(why, "not-before", left, null, null);
            case Hold.InFlight(Duration left) -> json(why, "in-flight", left, null, null);
            case Hold.Paused(PauseScope scope) -> json(why, "paused", null, name(scope), null);
            case Hold.Behind behind -> json(why, "nothing", null, null, null);
            case Hold.Backoff(Duration left) -> json(why, "backoff", left, null, null);
            case Hold.Limited(String scope, var cause, Duration left) ->
                json(why, "limited", left, scope, MessageJson.word(cause));
            case Hold.Nothing n -> json(why, "nothing", null, null, null);
            case Hold.Ended e -> json(why, "ended", null, null, null);
        };
    }

    private static Map<String, Object> json(
            Why why, String hold, @Nullable Duration left, @Nullable String scope, @Nullable String cause) {
        var json = new LinkedHashMap<String, Object>();
        json.put("state", MessageJson.word(why.state()));
        json.put("hold", hold);
        json.put("ahead", why.ahead());
        json.put("remaining_ms", left == null ? null : Math.max(0, left.toMillis()));
        json.put("scope", scope);
        json.put("cause", cause);
        return json;
    }

    private static String name(PauseScope scope) {
        return switch (scope) {
            case PauseScope.WholeBot all -> "bot";
            case PauseScope.OneChat chat -> "chat";
            case PauseScope.OnePriority(Priority priority) -> priority.toString();
        };
    }
}
