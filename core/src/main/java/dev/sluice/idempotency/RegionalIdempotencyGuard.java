package dev.sluice.idempotency;

import dev.sluice.region.Homes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The guard of several regions: each key is decided in its home region. Thread-safe.
 *
 * <p>Guarantee: that of each region's guard, over all regions that have the same names, while their list does not change. A key whose home
 * cannot be reached is not decided: every method throws what that region's guard throws.
 */
public final class RegionalIdempotencyGuard implements IdempotencyGuard, TwinWait {
    private final Homes<Member> homes;

    /** One region's part. */
    public record Member(IdempotencyGuard guard, TwinWait twins) {}

    public RegionalIdempotencyGuard(Homes<Member> homes) {
        this.homes = homes;
    }

    @Override
    public Claim claim(ClaimRequest request) {
        return guard(request.key()).claim(request);
    }

    @Override
    public Claim claim(ClaimRequest request, Duration maxWait) throws InterruptedException {
        return guard(request.key()).claim(request, maxWait);
    }

    @Override
    public boolean settle(Fence fence, Settlement settlement) {
        return guard(fence.key()).settle(fence, settlement);
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return guard(fence.key()).heartbeat(fence, lease);
    }

    @Override
    public boolean withdraw(ClaimRequest request) {
        return guard(request.key()).withdraw(request);
    }

    @Override
    public Optional<Claim> look(IdempotencyKey key) {
        return guard(key).look(key);
    }

    @Override
    public Optional<Claim> look(Fence fence) {
        return guard(fence.key()).look(fence);
    }

    @Override
    public boolean awaitEnd(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException {
        return homes.of(key.name()).twins().awaitEnd(key, max, unless);
    }

    private IdempotencyGuard guard(IdempotencyKey key) {
        return homes.of(key.name()).guard();
    }
}
