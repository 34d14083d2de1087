package dev.sluice.delivery;

import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.region.Homes;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** All that a delivery guarantees holds for keys whose home is elsewhere, too: here that of every key. */
class ClaimedElsewhereDeliveryTest extends DeliveryContract {
    private static final KeyRing SHARED_KEY = KeyRing.of(List.of("ab".repeat(32)));
    private static final Regions REGIONS = new Regions("eu", List.of(new Share("eu", 5_000), new Share("us", 5_000)));

    private final SharedRedis redis = RedisFixture.shared();

    @Override
    Deliveries.Closeable newPipeline(DeliverySettings settings) {
        var pipeline = new Pipeline(
                new RedisAdmission(redis.runner(), redis.runner(), KeySpace.DEFAULT, scope -> {}),
                settings,
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Random(7),
                SHARED_KEY);
        var home = Optional.of(new RedisHomeClaims(redis.runner(), redis.runner(), new KeySpace("elsewhere:")));
        return new RegionalDelivery(
                pipeline, "eu", new Homes<>(REGIONS, Map.of("eu", home, "us", home)), OnStoreFailure.CLOSED);
    }
}
