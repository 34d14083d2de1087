package dev.sluice.server.admin;

import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import dev.sluice.cache.FillAnswer;
import dev.sluice.cache.FillLease;
import dev.sluice.cache.LeasedAnswer;
import dev.sluice.cache.LeasedCache;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.AnyValue;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.state.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.util.RawValue;

/**
 * Caches for programs in any language, which load what misses.
 *
 * <p>That a value is missing, or that somebody else loads it, is an answer and no error of the request, so it is 200, too.
 */
public final class CacheResource implements Resource {
    private static final ProblemKind LOST = new ProblemKind(409, "fill-lost", "What was loaded may be old by now");

    /** As long as others of the admin API may be waited for; longer waits are the caller's to repeat. */
    private static final long LONGEST_WAIT_MILLIS = 10_000;

    /** As {@link Caches} lets its own readers wait. */
    private static final long USUAL_WAIT_MILLIS = 5_000;

    /** Of all caches: so that those who wait leave room for those who ask. {@link AdminApi} answers 2,000 at once. */
    private static final int MOST_WAITING = 1_000;

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final String PATH = "/v1/cache/{name}/{key}";

    /** What {@link CacheKey#of} makes; 19 digits are those of a long. */
    private static final Pattern IDS = Pattern.compile("-?[0-9]{1,19}(_-?[0-9]{1,19}){0,2}");

    /** How values are kept: as their JSON. */
    private static final CacheCodec<JsonValue> JSON = new CacheCodec<>() {
        @Override
        public byte[] encode(JsonValue value) {
            return value.json().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public JsonValue decode(byte[] bytes) {
            return new JsonValue(new String(bytes, StandardCharsets.UTF_8));
        }
    };

    private static final FreeText KEY_FORM = new FreeText(1, 255, false);
    private static final Parameter<CacheKey> KEY = new Parameter<>(
            Parameter.In.PATH,
            "key",
            "Which value: up to three ids, joined by _, or any other text, percent-encoded, of which only a digest is kept.",
            KEY_FORM,
            KEY_FORM.accepts(),
            CacheResource::key,
            Optional.empty());
    private static final Parameter<Long> WAIT = Parameter.queryNumber(
            "wait_ms", 0, LONGEST_WAIT_MILLIS, USUAL_WAIT_MILLIS, "How long to wait for somebody else who loads it.");
    private static final Parameter<Boolean> EARLY = Parameter.query(
            "early",
            new Flag(),
            "true or false",
            CacheResource::flag,
            false,
            "Whether the caller would also load a value that holds, shortly before its end; false unless given.");

    private static final Shape MILLIS = new Whole(0, Long.MAX_VALUE);
    private static final Shape LEASE = Text.matching(FillLease.FORM);
    private static final Shape CACHED = new Named(
            "Cached",
            Fields.of(
                    Field.required(
                            "state",
                            Text.matching("hit|none|load|wait"),
                            "It is there (hit), there is none (none), the caller is to load it (load), or somebody else does and takes longer"
                                    + " (wait)."),
                    Field.required(
                            "value",
                            new AnyValue(),
                            "As it was put; of load an old one, if one may stand in. Else null."),
                    Field.required("stale", new Flag(), "Whether the value is old."),
                    Field.required(
                            "remaining_ms",
                            MILLIS,
                            "Of hit and none: how much longer it holds; of wait: how long the other one's lease does. Rounded up."),
                    Field.required(
                            "fill",
                            new OrNull(LEASE),
                            "What the loaded value is put with; null if the caller is not to load it, or it is kept nowhere."),
                    Field.required("lease_ms", MILLIS, "How long nobody else is told to load; 0 without a fill.")));

    private final Map<String, LeasedCache<JsonValue>> caches;
    private final Parameter<LeasedCache<JsonValue>> name;
    private final PatientCallers callers = new PatientCallers(MOST_WAITING);

    /** @param caches by name, as {@link #open} opens them */
    public CacheResource(Map<String, LeasedCache<JsonValue>> caches) {
        this.caches = caches;
        String known = String.join(", ", caches.keySet());
        this.name = new Parameter<>(
                Parameter.In.PATH,
                "name",
                "The cache: " + known + ".",
                Text.matching(String.join("|", caches.keySet())),
                "one of " + known,
                this::cache,
                Optional.empty());
    }

    /** Opens caches as they are filled over HTTP; by name, in this order. */
    public static Map<String, LeasedCache<JsonValue>> open(Caches caches, List<CacheSettings> named) {
        var open = new LinkedHashMap<String, LeasedCache<JsonValue>>();
        named.forEach(settings -> open.put(settings.name(), caches.openLeased(settings, JSON)));
        return open;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(
                                PATH,
                                "askCache",
                                "Gets a cached value, or the right to load it, which of all who ask at once one has.")
                        .asGuard()
                        .with(name, KEY, WAIT, EARLY)
                        .answers(200, "The value, or who is to load it.", CACHED)
                        .refuses(ProblemKind.NOT_FOUND, ProblemKind.BUSY)
                        .by(this::ask),
                Operation.put(
                                PATH,
                                "putCached",
                                "Puts what was loaded, by its fill; without one, what was just written: the newer truth.")
                        .asGuard()
                        .with(name, KEY)
                        .takes(Fields.of(
                                Field.optional(
                                        "fill",
                                        new OrNull(Text.secret(FillLease.FORM)),
                                        "As it was answered; null is answered by 204, and nothing is kept."),
                                Field.optional("value", new AnyValue(), "Any JSON; this one, or one of the others."),
                                Field.optional("none", new Flag(), "True: there is no such value."),
                                Field.optional(
                                        "failed", new Flag(), "True: it could not be loaded; the next one loads it."),
                                Field.optional("renew", new Flag(), "True: it takes longer; the lease begins anew.")))
                        .answers(204, "Done.")
                        .refuses(ProblemKind.NOT_FOUND, ProblemKind.STORE, LOST)
                        .by(this::put),
                Operation.delete(
                                PATH, "invalidateCached", "Forgets a value, on all replicas, and what is being loaded.")
                        .asGuard()
                        .with(name, KEY)
                        .answers(204, "It is forgotten, whether or not it was there.")
                        .refuses(ProblemKind.NOT_FOUND, ProblemKind.STORE)
                        .by(request -> told(request.get(name).cache().invalidate(request.get(KEY)))));
    }

    private AdminResponse ask(AdminRequest request) {
        var wait = Duration.ofMillis(request.get(WAIT));
        return shown(callers.answer(
                wait, granted -> request.get(name).ask(request.get(KEY), granted, request.get(EARLY), request.gone())));
    }

    private AdminResponse put(AdminRequest request) {
        JsonNode body = request.body();
        requireOne(body);
        LeasedCache<JsonValue> cache = request.get(name);
        CacheKey key = request.get(KEY);
        Optional<JsonValue> value = body.has("value")
                ? Optional.of(StateJson.read(() -> StateJson.value(body.path("value"))))
                : Optional.empty();
        if (!body.has("fill")) {
            return told(cache.cache().put(key, value.orElseThrow()));
        }
        if (body.path("fill").isNull()) {
            return AdminResponse.noContent();
        }
        String lease = body.path("fill").asString();
        if (body.path("failed").asBoolean(false)) {
            cache.fail(key, lease);
            return AdminResponse.noContent();
        }
        return done(body.path("renew").asBoolean(false) ? cache.renew(key, lease) : cache.fill(key, lease, value));
    }

    private static void requireOne(JsonNode body) {
        long said = Stream.of("none", "failed", "renew")
                .filter(flag -> body.path(flag).asBoolean(false))
                .count();
        if (said + (body.has("value") ? 1 : 0) != 1) {
            throw Problem.malformed(List.of(new Violation("", "must have one of value, none, failed, renew")))
                    .asRefusal();
        }
        if (!body.has("fill") && said == 1) {
            throw Problem.malformed(List.of(new Violation("/fill", "is missing; to forget a value there is DELETE")))
                    .asRefusal();
        }
    }

    private static AdminResponse told(boolean all) {
        if (!all) {
            throw Problem.of(
                            ProblemKind.STORE,
                            "this replica has forgotten the value; the others are told once Redis answers")
                    .retryAfter(SOON)
                    .asRefusal();
        }
        return AdminResponse.noContent();
    }

    private static AdminResponse done(FillAnswer answer) {
        return switch (answer) {
            case DONE -> AdminResponse.noContent();
            case REFUSED ->
                throw Problem.of(LOST, "its lease ran out, or the value was put or deleted since")
                        .asRefusal();
            case UNKNOWN ->
                throw Problem.of(ProblemKind.STORE, "whether it was kept is unknown")
                        .retryAfter(SOON)
                        .asRefusal();
        };
    }

    private static AdminResponse shown(LeasedAnswer<JsonValue> answer) {
        return switch (answer) {
            case LeasedAnswer.Found<JsonValue>(
                    Optional<JsonValue> value,
                    Duration holds,
                    boolean stale,
                    Optional<FillLease> renewal) ->
                shown(value.isPresent() ? "hit" : "none", value, stale, holds, renewal);
            case LeasedAnswer.Load<JsonValue>(Optional<FillLease> lease, Optional<JsonValue> old) ->
                shown("load", old, old.isPresent(), Duration.ZERO, lease);
            case LeasedAnswer.Busy<JsonValue>(Duration left) ->
                shown("wait", Optional.empty(), false, left, Optional.empty())
                        .with("Retry-After", Long.toString(Math.max(1, (millis(left) + 999) / 1_000)));
        };
    }

    private static AdminResponse shown(
            String state, Optional<JsonValue> value, boolean stale, Duration remaining, Optional<FillLease> fill) {
        var json = new LinkedHashMap<String, Object>();
        json.put("state", state);
        json.put("value", value.<RawValue>map(StateJson::shown).orElse(null));
        json.put("stale", stale);
        json.put("remaining_ms", millis(remaining));
        json.put("fill", fill.map(FillLease::id).orElse(null));
        json.put("lease_ms", fill.map(lease -> lease.length().toMillis()).orElse(0L));
        return AdminResponse.json(200, json);
    }

    private LeasedCache<JsonValue> cache(String asked) {
        LeasedCache<JsonValue> cache = caches.get(asked);
        if (cache == null) {
            throw Problem.of(ProblemKind.NOT_FOUND, "caches are " + String.join(", ", caches.keySet()))
                    .asRefusal();
        }
        return cache;
    }

    private static CacheKey key(String text) {
        if (!KEY_FORM.fits(text)) {
            throw new IllegalArgumentException();
        }
        // Of anything but ids nothing must be readable in Redis.
        return IDS.matcher(text).matches() ? new CacheKey(text) : CacheKey.ofTexts(text);
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static long millis(Duration duration) {
        return duration.plusNanos(999_999).toMillis();
    }
}
