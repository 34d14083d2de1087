package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Patience;
import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimScript;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.idempotency.RedisTwinWait;
import dev.sluice.idempotency.Settlement;
import dev.sluice.limit.BucketScript;
import dev.sluice.limit.Decision;
import dev.sluice.queue.KeyScript;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The claims that another region's Redis keeps: of keys whose home it is, for calls and messages that are here. Each method is a round trip
 * there. Thread-safe.
 */
final class RedisHomeClaims {
    private static final Script CLAIM = Script.of(
            "delivery/claim-at-home",
            ClaimScript.LIBRARY,
            BucketScript.BUCKETS,
            KeyScript.TWINS,
            new Part(RedisHomeClaims.class, "claim-at-home.lua"));

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final RedisTwinWait twins;
    private final RedisIdempotencyGuard brief;
    private final RedisIdempotencyGuard patient;

    /**
     * @param redis with the deadline of decisions
     * @param settling with the longer deadline of what must be written down
     */
    RedisHomeClaims(ScriptRunner redis, ScriptRunner settling, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
        this.twins = new RedisTwinWait(redis, keys);
        this.brief = new RedisIdempotencyGuard(redis, keys, twins);
        this.patient = new RedisIdempotencyGuard(settling, keys, twins);
    }

    /** @return passed with a fence, if it was new; never denied, since no limit is asked */
    Verdict claim(ClaimRequest claim) {
        ScriptReply reply = redis.run(
                CLAIM,
                List.of(claim.key().key(keys), KeyScript.key(claim.key(), keys)),
                List.of(ClaimScript.argument(claim)));
        return switch (reply.text(0)) {
            case "passed" ->
                new Verdict.Passed(
                        Optional.of(new Fence(claim.key(), reply.number(1))), new Decision.Allowed(0, List.of()));
            case "queued" -> new Verdict.Queued(KeyScript.message(claim.key(), reply, 1), reply.number(2) == 1);
            case "claim" -> new Verdict.Taken(ClaimScript.claim(reply, 1, claim.key()));
            default ->
                throw new IllegalStateException(
                        "script " + reply.script() + " answered an unknown verdict: " + reply.text(0));
        };
    }

    boolean settle(Fence fence, Settlement settlement, Patience patience) {
        return (patience == Patience.BRIEF ? brief : patient).settle(fence, settlement);
    }

    void withdraw(ClaimRequest claim) {
        patient.withdraw(claim);
    }

    boolean heartbeat(Fence fence, Duration lease) {
        return patient.heartbeat(fence, lease);
    }

    boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException {
        return twins.awaitEnd(key, max, unless);
    }
}
