package dev.sluice.delivery;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimScript;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.idempotency.RedisTwinWait;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.BucketScript;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.FloodScript;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.queue.KeyScript;
import dev.sluice.queue.LanePlace;
import dev.sluice.queue.LaneScript;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Claims and buckets in Redis: one script to admit, one to settle. */
final class RedisAdmission implements Admission {
    private static final Script ADMIT = Script.of(
            "delivery/admit",
            ClaimScript.LIBRARY,
            BucketScript.BUCKETS,
            BucketScript.DECISION,
            BucketScript.SHADOW,
            LaneScript.AHEAD,
            KeyScript.TWINS,
            new Part(RedisAdmission.class, "admit.lua"));
    private static final Script SETTLE = Script.of(
            "delivery/settle",
            ClaimScript.LIBRARY,
            ClaimScript.SETTLEMENT,
            BucketScript.BUCKETS,
            BucketScript.CORRECTIONS,
            BucketScript.FLOODS,
            BucketScript.LEARNING,
            new Part(RedisAdmission.class, "settle.lua"));
    private static final byte[] NOTHING = {};
    private static final byte[] YES = {'1'};
    private static final byte[] NO = {'0'};

    private final ScriptRunner redis;
    private final ScriptRunner settling;
    private final KeySpace keys;
    private final Consumer<String> lowered;
    private final RateLimiter limiter;
    private final RedisTwinWait twins;
    private final RedisIdempotencyGuard guard;

    /**
     * @param redis with the deadline of decisions
     * @param settling with the longer deadline of what must be written down
     * @param lowered hears the scopes of buckets whose pace a 429 lowered
     */
    RedisAdmission(ScriptRunner redis, ScriptRunner settling, KeySpace keys, Consumer<String> lowered) {
        this.redis = redis;
        this.settling = settling;
        this.keys = keys;
        this.lowered = lowered;
        this.limiter = RateLimiters.onRedis(redis, keys);
        this.twins = new RedisTwinWait(redis, keys);
        this.guard = new RedisIdempotencyGuard(settling, keys, twins);
    }

    @Override
    public Verdict admit(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place) {
        var names = new ArrayList<String>(3 + acquisition.charges().size());
        names.addAll(BucketScript.keys(acquisition, keys));
        claim.ifPresent(request -> {
            names.add(request.key().key(keys));
            if (mustClaim) {
                names.add(KeyScript.key(request.key(), keys));
            }
        });
        place.ifPresent(stands -> names.add(LaneScript.key(stands, keys)));
        var args = List.of(
                BucketScript.argument(acquisition),
                claim.map(ClaimScript::argument).orElse(NOTHING),
                place.map(stands -> LaneScript.argument(stands, position(stands, acquisition)))
                        .orElse(NOTHING),
                claim.isPresent() && mustClaim ? YES : NO);
        ScriptReply reply = redis.run(ADMIT, names, args);
        return switch (reply.text(0)) {
            case "claim", "queued" -> twin(reply, claim.orElseThrow());
            case "passed", "denied" ->
                switch (BucketScript.decision(acquisition, reply, 2)) {
                    case Decision.Allowed allowed ->
                        new Verdict.Passed(claim.map(request -> new Fence(request.key(), reply.number(1))), allowed);
                    case Decision.Denied denied -> new Verdict.Denied(denied);
                };
            default -> throw unexpected(reply);
        };
    }

    /** What it says of whoever has the call's key. */
    private static Verdict twin(ScriptReply reply, ClaimRequest claim) {
        return reply.text(0).equals("queued")
                ? new Verdict.Queued(KeyScript.message(claim.key(), reply, 1), reply.number(2) == 1)
                : new Verdict.Taken(ClaimScript.claim(reply, 1, claim.key()));
    }

    private static int position(LanePlace place, Acquisition acquisition) {
        int position = 1;
        for (Charge charge : acquisition.charges()) {
            if (charge.bucket().equals(place.chat())) {
                return position;
            }
            position++;
        }
        throw new IllegalArgumentException("not charged to its chat: " + place.chat());
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by) {
        limiter.postpone(acquisition, limits, by);
    }

    @Override
    public Optional<Verdict> look(ClaimRequest claim) {
        ScriptReply reply = redis.run(
                ADMIT,
                List.of(claim.key().key(keys), KeyScript.key(claim.key(), keys)),
                List.of(NOTHING, ClaimScript.argument(claim), NOTHING, YES));
        return switch (reply.text(0)) {
            case "free" -> Optional.empty();
            case "claim", "queued" -> Optional.of(twin(reply, claim));
            default -> throw unexpected(reply);
        };
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience) {
        var names = new ArrayList<String>(4);
        var args = new ArrayList<byte[]>(9);
        args.add(claim.isPresent() ? YES : NO);
        claim.ifPresent(claimed -> {
            names.add(claimed.fence().key().key(keys));
            args.addAll(ClaimScript.arguments(claimed.fence(), claimed.settlement()));
        });
        if (flood.isPresent()) {
            names.addAll(FloodScript.keys(flood.get(), keys));
            args.addAll(FloodScript.arguments(flood.get()));
        } else {
            args.add(NO);
        }
        ScriptRunner runner = patience == Patience.BRIEF ? redis : settling;
        ScriptReply reply = runner.run(SETTLE, names, args);
        boolean held = reply.number(0) == 1;
        flood.flatMap(told -> FloodScript.told(told, reply, 1).scope()).ifPresent(lowered);
        claim.ifPresent(claimed -> twins.ended(claimed.fence().key()));
        return held;
    }

    @Override
    public void withdraw(ClaimRequest claim) {
        guard.withdraw(claim);
    }

    @Override
    public void handBack(ClaimRequest claim, StoredResult result, Duration keep) {
        if (guard.claim(claim) instanceof Claim.New(Fence fence)) {
            guard.settle(fence, new Settlement.HandOver(result, keep));
        }
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return guard.heartbeat(fence, lease);
    }

    @Override
    public boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless)
            throws InterruptedException {
        return twins.awaitEnd(key, max, unless);
    }

    private static IllegalStateException unexpected(ScriptReply reply) {
        return new IllegalStateException("script " + reply.script() + " answered an unknown verdict: " + reply.text(0));
    }
}
