package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.limit.Limit;
import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.namedlimit.Passage;
import dev.sluice.namedlimit.PatientNamedLimits;
import dev.sluice.namedlimit.TooHeavyException;
import dev.sluice.namedlimit.TooManyLimitsException;
import dev.sluice.namedlimit.UnknownLimitException;
import dev.sluice.namedlimit.Use;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Text;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * The named limits: for bots in any language, which ask before they call somebody else, and for operators.
 *
 * <p>Whether it may pass is an answer and no error of the request, so a denial is 200, too, as of budgets: client libraries that repeat or
 * throw at 429 must be able to tell "your call may not go out" from "you ask Sluice too much", which is 429 or 503 here as everywhere.
 */
public final class NamedLimitsResource implements Resource {
    private static final ProblemKind UNKNOWN = new ProblemKind(404, "limit-unknown", "No such limit is defined");
    private static final ProblemKind FULL = new ProblemKind(409, "too-many-limits", "There is no room for more limits");
    private static final ProblemKind TOO_HEAVY =
            new ProblemKind(422, "too-heavy", "It weighs more than the limit ever lets pass at once");

    private static final Parameter<String> NAME = new Parameter<>(
            Parameter.In.PATH,
            "name",
            "The limit's name.",
            Text.matching(NamedLimitJson.NAME_FORM),
            "1 to 32 of a-z, 0-9, _ and -",
            text -> matching(NamedLimitJson.NAME_FORM, text),
            Optional.empty());

    /** No subject is empty, so that this one means none. */
    private static final String NOBODY = "";

    private static final Parameter<String> SUBJECT = Parameter.query(
            "subject",
            NamedLimitJson.SUBJECT,
            NamedLimitJson.SUBJECT.accepts(),
            NamedLimitsResource::subject,
            NOBODY,
            "Of whom the use is shown; of those without a subject unless given.");
    private static final Parameter<String> CURSOR = Parameter.query(
            "cursor",
            Text.any(),
            "the next_cursor of an earlier page",
            text -> matching(
                    NamedLimitJson.NAME_FORM, new String(Base64.getUrlDecoder().decode(text), UTF_8)),
            NOBODY,
            "The next_cursor of the page before.");

    private final NamedLimits limits;
    private final PatientNamedLimits patient;
    private final Consumer<Passage> answered;

    /**
     * @param patient the same limits, for those who wait
     * @param answered hears what became of each use
     */
    public NamedLimitsResource(NamedLimits limits, PatientNamedLimits patient, Consumer<Passage> answered) {
        this.limits = limits;
        this.patient = patient;
        this.answered = answered;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/v1/limits", "listLimits", "Lists the named limits by their names.")
                        .with(Paging.LIMIT, CURSOR)
                        .answers(
                                200,
                                "A page.",
                                Fields.of(
                                        Field.required(
                                                "limits",
                                                new ListOf(NamedLimitJson.SHOWN, 200),
                                                "In the order of their names."),
                                        Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.get("/v1/limits/{name}", "getLimit", "Shows a limit, and what is used of it.")
                        .with(NAME, SUBJECT)
                        .answers(200, "The limit.", NamedLimitJson.USED)
                        .refuses(UNKNOWN, ProblemKind.STORE)
                        .by(request -> known(() -> AdminResponse.json(
                                200,
                                NamedLimitJson.used(limits.usage(use(request.get(NAME), request.get(SUBJECT), 1)))))),
                Operation.put(
                                "/v1/limits/{name}",
                                "setLimit",
                                "Says what a limit is from now on, for every decision after this answer, on every replica.")
                        .with(NAME)
                        .takes(NamedLimitJson.GIVEN)
                        .answers(200, "The limit as it is now.", NamedLimitJson.SHOWN)
                        .refuses(FULL, ProblemKind.STORE)
                        .by(this::set),
                Operation.delete("/v1/limits/{name}", "removeLimit", "Removes a limit.")
                        .with(NAME)
                        .answers(204, "It is gone: whoever asks for it is told that it is unknown.")
                        .refuses(UNKNOWN, ProblemKind.STORE)
                        .by(this::remove),
                Operation.post(
                                "/v1/limits/{name}/acquire",
                                "acquireLimit",
                                "Asks whether something may pass a limit, and charges it, in one step; waits for a turn if asked to.")
                        .asGuard()
                        .with(NAME)
                        .mayTake(NamedLimitJson.WANTED)
                        .answers(
                                200,
                                "Whether it may; also in RateLimit, RateLimit-Policy and Retry-After.",
                                NamedLimitJson.PASSAGE)
                        .refuses(UNKNOWN, TOO_HEAVY, ProblemKind.STORE)
                        .by(this::acquire));
    }

    private AdminResponse list(AdminRequest request) {
        int most = Math.toIntExact(request.get(Paging.LIMIT));
        String after = request.get(CURSOR);
        List<NamedLimit> rest = limits.list().stream()
                .filter(limit -> limit.name().compareTo(after) > 0)
                .toList();
        List<NamedLimit> page = rest.subList(0, Math.min(most, rest.size()));
        var json = new LinkedHashMap<String, Object>();
        json.put("limits", page.stream().map(NamedLimitJson::shown).toList());
        json.put("next_cursor", rest.size() > most ? cursor(page.getLast()) : null);
        return AdminResponse.json(200, json);
    }

    /** Which of them, each within its own bounds, does not go with the others. */
    private static Violation misfit(JsonNode body) {
        if (!body.path("burst").isNumber()) {
            return new Violation("/limit", "must be 1 to 10000 without a burst");
        }
        return body.path("limit").asLong() > 10 * body.path("window_ms").asLong()
                ? new Violation("/limit", "must be 10 times window_ms at most: one each 0.1 ms")
                : new Violation("/burst", "would take longer than " + Limit.LONGEST.toDays() + " days to come back");
    }

    private AdminResponse set(AdminRequest request) {
        NamedLimit limit;
        try {
            limit = NamedLimitJson.limit(request.get(NAME), request.body());
        } catch (IllegalArgumentException e) {
            throw Problem.malformed(List.of(misfit(request.body()))).asRefusal();
        }
        try {
            limits.define(limit);
        } catch (TooManyLimitsException e) {
            throw Problem.of(FULL, "there may be " + NamedLimits.MOST_LIMITS).asRefusal();
        }
        return AdminResponse.json(200, NamedLimitJson.shown(limit));
    }

    private AdminResponse remove(AdminRequest request) {
        if (!limits.remove(request.get(NAME))) {
            throw unknown();
        }
        return AdminResponse.noContent();
    }

    private AdminResponse acquire(AdminRequest request) {
        JsonNode body = request.body();
        Use use = use(
                request.get(NAME),
                body.path("subject").isString() ? body.path("subject").asString() : NOBODY,
                body.path("weight").asInt(1));
        var wait = Duration.ofMillis(body.path("wait_ms").asLong(0));
        return known(() -> {
            Passage passage = passage(use, wait, request.gone());
            answered.accept(passage);
            return RateLimitHeaders.on(AdminResponse.json(200, NamedLimitJson.passage(passage)), passage);
        });
    }

    private Passage passage(Use use, Duration wait, CompletableFuture<Void> gone) {
        try {
            return patient.acquire(use, wait, gone);
        } catch (TooHeavyException e) {
            throw Problem.of(TOO_HEAVY, "it lets " + e.most() + " pass at once").asRefusal();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.of(ProblemKind.STORE, "the wait was cut short; nothing was charged")
                    .asRefusal();
        }
    }

    private static AdminResponse known(Supplier<AdminResponse> answer) {
        try {
            return answer.get();
        } catch (UnknownLimitException e) {
            throw unknown();
        }
    }

    private static Problem.Refusal unknown() {
        return Problem.of(UNKNOWN, "GET /v1/limits lists them; PUT defines one").asRefusal();
    }

    private static Use use(String name, String subject, int weight) {
        Use use = Use.of(name).weighing(weight);
        return subject.equals(NOBODY) ? use : use.by(subject);
    }

    private static String cursor(NamedLimit last) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(last.name().getBytes(UTF_8));
    }

    private static String subject(String text) {
        if (!NamedLimitJson.SUBJECT.fits(text)) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static String matching(String form, String text) {
        if (!text.matches(form)) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
