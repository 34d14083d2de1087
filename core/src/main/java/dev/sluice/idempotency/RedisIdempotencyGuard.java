package dev.sluice.idempotency;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The guard for any number of processes on one Redis, whose clock decides. Thread-safe; blocks its (virtual) thread.
 *
 * <p>A record is one string of 49 bytes and the result. When Redis' clock is set forward, leases and results end early by
 * as much, when it is set back, late. Every call throws {@link dev.sluice.redis.RedisUnavailableException} when Redis
 * does not answer; a claim that may have run then holds until its lease ends, and a settlement may be repeated: the same
 * one again is true as well, as long as its record is there.
 */
public final class RedisIdempotencyGuard implements IdempotencyGuard {
    private static final Script CLAIM =
            Script.of("idempotency/claim", ClaimScript.LIBRARY, ClaimScript.part("claim.lua"));
    private static final Script SHOW = Script.of("idempotency/show", ClaimScript.LIBRARY, ClaimScript.part("show.lua"));
    private static final Script SETTLE = settling("settle");
    private static final Script WITHDRAW = settling("withdraw");
    private static final Script RENEW = settling("renew");

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final RedisTwinWait twins;

    public RedisIdempotencyGuard(ScriptRunner redis, KeySpace keys) {
        this(redis, keys, new RedisTwinWait(redis, keys));
    }

    /** @param twins shared with whoever else in this process waits for or settles the same claims */
    public RedisIdempotencyGuard(ScriptRunner redis, KeySpace keys, RedisTwinWait twins) {
        this.redis = redis;
        this.keys = keys;
        this.twins = twins;
    }

    @Override
    public Claim claim(ClaimRequest request) {
        ScriptReply reply = run(CLAIM, request.key(), List.of(ClaimScript.argument(request)));
        return ClaimScript.claim(reply, 0, request.key());
    }

    @Override
    public Claim claim(ClaimRequest request, Duration maxWait) throws InterruptedException {
        return new PatientClaim(this, twins).claim(request, maxWait);
    }

    @Override
    public boolean settle(Fence fence, Settlement settlement) {
        boolean settled = run(SETTLE, fence.key(), ClaimScript.arguments(fence, settlement))
                        .number(0)
                == 1;
        if (settled) {
            twins.ended(fence.key());
        }
        return settled;
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return run(RENEW, fence.key(), ClaimScript.arguments(fence, lease)).number(0) == 1;
    }

    @Override
    public boolean withdraw(ClaimRequest request) {
        boolean withdrawn = run(WITHDRAW, request.key(), List.of(ClaimScript.holder(request)))
                        .number(0)
                == 1;
        if (withdrawn) {
            twins.ended(request.key());
        }
        return withdrawn;
    }

    @Override
    public Optional<Claim> look(IdempotencyKey key) {
        return shown(run(SHOW, key, List.of()), key);
    }

    @Override
    public Optional<Claim> look(Fence fence) {
        ScriptReply reply = run(SHOW, fence.key(), List.of());
        return reply.number(2) == fence.number() ? shown(reply, fence.key()) : Optional.empty();
    }

    private static Optional<Claim> shown(ScriptReply reply, IdempotencyKey key) {
        return reply.text(0).equals("free") ? Optional.empty() : Optional.of(ClaimScript.claim(reply, 0, key));
    }

    private ScriptReply run(Script script, IdempotencyKey key, List<byte[]> arguments) {
        return redis.run(script, List.of(key.key(keys)), arguments);
    }

    private static Script settling(String name) {
        return Script.of(
                "idempotency/" + name, ClaimScript.LIBRARY, ClaimScript.SETTLEMENT, ClaimScript.part(name + ".lua"));
    }
}
