package dev.sluice.server.admin;

import dev.sluice.execution.AfterFailure;
import dev.sluice.execution.KeptResults;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.KeyDigest;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The idempotency guard for programs in any language: they claim a key, do their work, and say how it ended. */
public final class IdempotencyResource implements Resource {
    static final ProblemKind CLAIM_LOST = new ProblemKind(409, "claim-lost", "The claim has passed on or ended");

    private static final int LONGEST_TEXT = BodyReader.LARGEST;
    private static final long LONGEST_KEEP_MILLIS = Duration.ofDays(31).toMillis();
    private static final long LONGEST_LEASE_MILLIS = Duration.ofHours(1).toMillis();

    /** The longest that clients and proxies leave a request open as a rule. */
    private static final long LONGEST_WAIT_MILLIS = 30_000;

    /** Whoever does not renew has this long; whoever dies keeps others from it for as long. */
    private static final long DEFAULT_LEASE_MILLIS = 30_000;

    private static final String RETRY = "retry";
    private static final String DEFAULT_KIND = "work";

    private static final FreeText KEY_FORM = new FreeText(1, 255, false);
    private static final Parameter<String> KEY = new Parameter<>(
            Parameter.In.PATH,
            "key",
            "What must happen once: any text, percent-encoded.",
            KEY_FORM,
            KEY_FORM.accepts(),
            IdempotencyResource::key,
            Optional.empty());
    private static final Parameter<String> KIND = Parameter.query(
            "kind",
            Text.matching("[a-z0-9_-]{1,32}"),
            "1 to 32 of a-z 0-9 _ -",
            IdempotencyResource::kind,
            DEFAULT_KIND,
            "What the work is: keys of different kinds do not meet, and metrics go by it; work unless given.");

    private static final Shape FENCE = new Whole(1, 1L << 53);
    private static final Shape MILLIS = new Whole(0, Long.MAX_VALUE);
    private static final Field BY_FENCE = Field.required("fence", FENCE, "What the claim was answered with.");
    private static final Field USER = Field.optional(
            "user", new Whole(1, 1L << 53), "Whose text it may hold: if their privacy level is none, it is not kept.");
    private static final Field KEEP = Field.optional(
            "keep_ms",
            new Whole(1, LONGEST_KEEP_MILLIS),
            "How long repeats are told so; IDEMPOTENCY_TTL unless given.");
    private static final Shape STANDING = new Named(
            "Standing",
            Fields.of(
                    Field.required("claimed", new Flag(), "Whether the caller is the one who is to do it."),
                    Field.required(
                            "state",
                            Text.matching("free|processing|completed|failed|unknown"),
                            "How the key stands; free only of a look."),
                    Field.required("fence", new OrNull(FENCE), "Of one's own claim: to be sent when it ends."),
                    Field.required(
                            "lease_remaining_ms",
                            new OrNull(MILLIS),
                            "While processing: how long it holds without a renewal, rounded up."),
                    Field.required(
                            "result",
                            new OrNull(Text.any()),
                            "Of what completed or failed; null if none was kept, or it cannot be decrypted.")));

    private final PatientClaims claims;
    private final KeptResults<String> results;
    private final Duration keep;
    private final PrivacyLevels levels;

    /**
     * @param results how results are kept
     * @param keep how long, unless a caller says otherwise
     * @param levels whose results are not kept
     */
    public IdempotencyResource(PatientClaims claims, KeptResults<String> results, Duration keep, PrivacyLevels levels) {
        this.levels = levels;
        this.claims = claims;
        this.results = results;
        this.keep = keep;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.post("/v1/idempotency/{key}", "claimKey", "Asks to be the one who does it.")
                        .asGuard()
                        .with(KEY, KIND)
                        .mayTake(Fields.of(
                                Field.optional(
                                        "fingerprint",
                                        new OrNull(new FreeText(0, LONGEST_TEXT, true)),
                                        "What is asked for, or a digest of it: other content under the key is refused."),
                                Field.optional(
                                        "lease_ms",
                                        new Whole(100, LONGEST_LEASE_MILLIS),
                                        "How long the claim holds without a renewal; 30000 unless given."),
                                Field.optional(
                                        "wait_ms",
                                        new Whole(0, LONGEST_WAIT_MILLIS),
                                        "How long to wait for somebody who is at it; 0 unless given."),
                                Field.optional(
                                        "abandoned",
                                        Text.matching("retry|unknown"),
                                        "When the lease runs out: the next caller does it again (retry, at least once), or all are told"
                                                + " that nobody knows (unknown, at most once); unknown unless given."),
                                KEEP))
                        .answers(200, "The caller's claim, or how the key stands.", STANDING)
                        .refuses(ProblemKind.STORE, ProblemKind.BUSY, MessagesResource.MISMATCH)
                        .by(this::claim),
                Operation.get("/v1/idempotency/{key}", "lookAtKey", "Shows how a key stands; changes nothing.")
                        .asGuard()
                        .with(KEY, KIND)
                        .answers(200, "How it stands.", STANDING)
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            IdempotencyKey id = id(request);
                            return AdminResponse.json(
                                    200,
                                    claims.look(id)
                                            .map(claim -> standing(id, claim))
                                            .orElseGet(() -> standing("free")));
                        }),
                settling(
                        "complete",
                        "completeKey",
                        "Says that it was done: repeats get the result.",
                        Field.optional("result", new OrNull(Text.any()), "What repeats are given."),
                        (id, body) -> new Settlement.Complete(result(id, body), keep(body))),
                settling(
                        "fail",
                        "failKey",
                        "Says that it failed for good: repeats are told so, and do not try.",
                        Field.optional(
                                "reason",
                                new OrNull(new FreeText(0, AfterFailure.LONGEST_REASON, false)),
                                "What repeats are given as the result."),
                        (id, body) -> new Settlement.Fail(reason(id, body), keep(body))),
                Operation.post(
                                "/v1/idempotency/{key}/release",
                                "releaseKey",
                                "Says that nothing happened: the next caller does it.")
                        .asGuard()
                        .with(KEY, KIND)
                        .takes(Fields.of(BY_FENCE))
                        .answers(204, "The key is free.")
                        .refuses(ProblemKind.STORE, CLAIM_LOST)
                        .by(request -> settled(request, new Settlement.Release())),
                Operation.post("/v1/idempotency/{key}/renew", "renewKey", "Renews the lease of a claim.")
                        .asGuard()
                        .with(KEY, KIND)
                        .takes(Fields.of(
                                BY_FENCE,
                                Field.required(
                                        "lease_ms",
                                        new Whole(100, LONGEST_LEASE_MILLIS),
                                        "How long from now it holds.")))
                        .answers(204, "It holds.")
                        .refuses(ProblemKind.STORE, CLAIM_LOST)
                        .by(request -> {
                            Duration lease = Duration.ofMillis(
                                    request.body().path("lease_ms").asLong());
                            return held(claims.renew(fence(request), lease));
                        }));
    }

    @FunctionalInterface
    private interface Ending {
        Settlement of(IdempotencyKey id, JsonNode body);
    }

    private Operation settling(String verb, String id, String summary, Field content, Ending ending) {
        return Operation.post("/v1/idempotency/{key}/" + verb, id, summary)
                .asGuard()
                .with(KEY, KIND)
                .takes(Fields.of(BY_FENCE, content, KEEP, USER))
                .answers(204, "It is written down; the same once more changes nothing.")
                .refuses(ProblemKind.STORE, CLAIM_LOST)
                .by(request -> settled(request, ending.of(id(request), request.body())));
    }

    private AdminResponse claim(AdminRequest request) {
        JsonNode body = request.body();
        IdempotencyKey id = id(request);
        Abandoned abandoned = body.path("abandoned").asString("").equals(RETRY)
                ? new Abandoned.TakeOver()
                : new Abandoned.BecomesUnknown(keep(body));
        var wanted = new ClaimRequest(
                id,
                Fingerprint.of(KeyDigest.bytes(body.path("fingerprint").asString(""))),
                Duration.ofMillis(body.path("lease_ms").asLong(DEFAULT_LEASE_MILLIS)),
                abandoned);
        Claim claim = claims.claim(
                request.get(KIND),
                wanted,
                Duration.ofMillis(body.path("wait_ms").asLong(0)),
                request.gone());
        if (claim instanceof Claim.Mismatch) {
            throw Problem.of(MessagesResource.MISMATCH, "the fingerprint is another one than the first caller's")
                    .asRefusal();
        }
        return AdminResponse.json(200, standing(id, claim));
    }

    private AdminResponse settled(AdminRequest request, Settlement settlement) {
        Fence fence = fence(request);
        return held(claims.settle(fence, settlement) || isWritten(fence, settlement));
    }

    /** Sent again when its answer was lost: twice the same result is sealed differently, so the store cannot tell. */
    private boolean isWritten(Fence fence, Settlement settlement) {
        IdempotencyKey id = fence.key();
        Optional<Claim> written = claims.look(fence);
        return switch (settlement) {
            case Settlement.Complete(StoredResult mine, Duration keep) ->
                written.orElse(null) instanceof Claim.Completed(StoredResult theirs)
                        && results.value(id, mine).equals(results.value(id, theirs));
            case Settlement.Fail(StoredResult mine, Duration keep) ->
                written.orElse(null) instanceof Claim.Failed(StoredResult theirs)
                        && results.reason(id, mine).equals(results.reason(id, theirs));
            case Settlement.HandOver over -> false;
            case Settlement.MarkUnknown unknown -> false;
            case Settlement.Release released -> false;
        };
    }

    private static AdminResponse held(boolean held) {
        if (!held) {
            throw Problem.of(CLAIM_LOST, "its lease ran out and somebody else came, or it was ended in another way")
                    .asRefusal();
        }
        return AdminResponse.noContent();
    }

    private Map<String, Object> standing(IdempotencyKey id, Claim claim) {
        return switch (claim) {
            case Claim.New(Fence fence) -> {
                Map<String, Object> json = standing("processing");
                json.put("claimed", true);
                json.put("fence", fence.number());
                yield json;
            }
            case Claim.Processing(Duration left) -> {
                Map<String, Object> json = standing("processing");
                json.put("lease_remaining_ms", left.plusNanos(999_999).toMillis());
                yield json;
            }
            case Claim.Completed(StoredResult result) -> {
                Map<String, Object> json = standing("completed");
                json.put("result", results.value(id, result).orElse(null));
                yield json;
            }
            case Claim.Failed(StoredResult result) -> {
                Map<String, Object> json = standing("failed");
                json.put("result", results.reason(id, result).orElse(null));
                yield json;
            }
            case Claim.Unknown() -> standing("unknown");
            case Claim.Mismatch() -> throw new IllegalStateException("a mismatch is a problem");
        };
    }

    private static Map<String, Object> standing(String state) {
        var json = new LinkedHashMap<String, Object>();
        json.put("claimed", false);
        json.put("state", state);
        json.put("fence", null);
        json.put("lease_remaining_ms", null);
        json.put("result", null);
        return json;
    }

    private boolean isKept(JsonNode body) {
        return !body.path("user").isIntegralNumber()
                || levels.of(body.path("user").asLong()) == PrivacyLevel.FULL;
    }

    private StoredResult result(IdempotencyKey id, JsonNode body) {
        JsonNode result = body.path("result");
        return result.isString() && isKept(body)
                ? results.stored(id, result.asString()).orElseGet(() -> results.none(id))
                : results.none(id);
    }

    private StoredResult reason(IdempotencyKey id, JsonNode body) {
        JsonNode reason = body.path("reason");
        return reason.isString() && isKept(body) ? results.reason(id, reason.asString()) : results.none(id);
    }

    private Duration keep(JsonNode body) {
        return body.has("keep_ms") ? Duration.ofMillis(body.path("keep_ms").asLong()) : keep;
    }

    private static IdempotencyKey id(AdminRequest request) {
        return IdempotencyKey.ofWork(request.get(KIND), request.get(KEY));
    }

    private static Fence fence(AdminRequest request) {
        return new Fence(id(request), request.body().path("fence").asLong());
    }

    private static String key(String text) {
        if (!KEY_FORM.fits(text)) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static String kind(String text) {
        if (!text.matches("[a-z0-9_-]{1,32}")) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
