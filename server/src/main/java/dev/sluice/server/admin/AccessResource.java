package dev.sluice.server.admin;

import dev.sluice.access.AccessState;
import dev.sluice.access.AccessStates;
import dev.sluice.access.AccessTruth;
import dev.sluice.cache.LoadFailedException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.telegram.BotId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Whether users may use bots: for bots in any language, which ask at each update, and for whoever decides about it. */
public final class AccessResource implements Resource {
    private static final Parameter<Long> BOT = Parameter.pathNumber("bot", 1, Long.MAX_VALUE, "The bot's id.");
    private static final Parameter<Long> USER = Parameter.pathNumber("user", 1, Long.MAX_VALUE, "The user's id.");
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final Field HAS_ACCESS =
            Field.required("has_access", new Flag(), "Whether the user may use the bot.");
    private static final String REASON = "Why, in a word; unknown, if nobody has said anything.";
    private static final String TRIAL =
            "When the trial ends or has ended; null if there is none. Access whose reason is trial ends with it.";
    private static final Shape STATE = new Named(
            "Access",
            Fields.of(
                    Field.required("bot", new Whole(1, Long.MAX_VALUE), BOT.description()),
                    Field.required("user", new Whole(1, Long.MAX_VALUE), USER.description()),
                    HAS_ACCESS,
                    Field.required("reason", Text.matching(AccessState.REASON_FORM), REASON),
                    Field.required("trial_ends_at", new OrNull(Text.time()), TRIAL)));

    private final AccessStates access;
    private final AccessTruth.Settable truth;

    /** @param truth what {@code access} asks */
    public AccessResource(AccessStates access, AccessTruth.Settable truth) {
        this.access = access;
        this.truth = truth;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/v1/access/{bot}/{user}", "getAccess", "Shows whether a user may use a bot.")
                        .asGuard()
                        .with(BOT, USER)
                        .answers(200, "As of now.", STATE)
                        .refuses(ProblemKind.STORE)
                        .by(request -> shown(request, asked(request))),
                Operation.put(
                                "/v1/access/{bot}/{user}",
                                "setAccess",
                                "Says whether a user may use a bot from now on, on every replica.")
                        .with(BOT, USER)
                        .takes(Fields.of(
                                HAS_ACCESS,
                                Field.required("reason", Text.matching(AccessState.REASON_FORM), REASON),
                                Field.optional("trial_ends_at", new OrNull(Text.time()), TRIAL)))
                        .answers(200, "As it is now.", STATE)
                        .refuses(ProblemKind.STORE)
                        .by(this::set),
                Operation.delete("/v1/access/{bot}/{user}", "removeAccess", "Forgets what was said of a user.")
                        .with(BOT, USER)
                        .answers(204, "Nothing is known of the user, whether or not anything was.")
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            changing(request, () -> truth.remove(bot(request), request.get(USER)));
                            return AdminResponse.noContent();
                        }));
    }

    private AccessState asked(AdminRequest request) {
        try {
            return access.of(bot(request), request.get(USER));
        } catch (LoadFailedException e) {
            if (e.getCause() instanceof RedisUnavailableException unavailable) {
                throw unavailable;
            }
            throw Problem.of(ProblemKind.STORE, "who has access could not be looked up" + (e.late() ? " in time" : ""))
                    .retryAfter(SOON)
                    .asRefusal();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.of(ProblemKind.STORE, "the look-up was cut short")
                    .retryAfter(SOON)
                    .asRefusal();
        }
    }

    private AdminResponse set(AdminRequest request) {
        JsonNode body = request.body();
        var state = new AccessState(
                body.path("has_access").asBoolean(), body.path("reason").asString(), time(body.path("trial_ends_at")));
        changing(request, () -> truth.set(bot(request), request.get(USER), state));
        return shown(request, asked(request));
    }

    /** Also if it fails, the cache is told: it may have been done although no answer came. */
    private void changing(AdminRequest request, Runnable change) {
        try {
            change.run();
        } finally {
            access.invalidate(bot(request), request.get(USER));
        }
    }

    private static Optional<Instant> time(JsonNode value) {
        if (!value.isString()) {
            return Optional.empty();
        }
        try {
            Instant time = Instant.parse(value.asString());
            // What does not fit is nobody's trial.
            var unused = time.toEpochMilli();
            return Optional.of(time);
        } catch (DateTimeException | ArithmeticException e) {
            throw Problem.malformed(List.of(
                            new Violation("/trial_ends_at", "must be a time in UTC such as 2027-01-15T08:00:00Z")))
                    .asRefusal();
        }
    }

    private static AdminResponse shown(AdminRequest request, AccessState state) {
        var json = new LinkedHashMap<String, Object>();
        json.put("bot", request.get(BOT));
        json.put("user", request.get(USER));
        json.put("has_access", state.hasAccess());
        json.put("reason", state.reason());
        json.put("trial_ends_at", state.trialEnds().map(Instant::toString).orElse(null));
        return AdminResponse.json(200, json);
    }

    private static BotId bot(AdminRequest request) {
        return new BotId(request.get(BOT));
    }
}
