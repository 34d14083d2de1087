package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisStore;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All that a step reads and writes lies in one slot, and news reach every node. */
@Timeout(120)
class RedisBundlesOnClusterTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);

    @Test
    void bots_of_a_cluster_have_their_bundles_handed_over() {
        var settings = BundleSettings.DEFAULT.withQuiet(Duration.ofMillis(100), Duration.ofMillis(100));
        try (var cluster = new ClusterFixture(3, 0);
                RedisStore store = RedisBundlerTest.connect(cluster.uri())) {
            await().atMost(NOT_HANGING).until(store::isConnected);
            var handled = new CopyOnWriteArrayList<String>();
            var bundlers = new ArrayList<Bundler>();
            try (Bundles bundles = Bundles.onRedis(store, store, KeySpace.DEFAULT, store)
                    .settings(settings)
                    .build()) {
                for (int bot = 1; bot <= 6; bot++) {
                    bundlers.add(Bundler.start(
                            bundles,
                            new BotId(bot),
                            bundle -> handled.add(bundle.conversation().bot() + " " + bundle.text())));
                }
                for (Bundler bundler : bundlers) {
                    bundler.add(7, BundlerContract.says(1, "a"));
                    bundler.add(7, BundlerContract.says(2, "/b"));
                }
                await().atMost(NOT_HANGING).until(() -> handled.size() == 12);
                bundlers.forEach(Bundler::close);
            }
            for (int bot = 1; bot <= 6; bot++) {
                assertThat(handled).containsSubsequence(List.of(bot + " a", bot + " /b"));
            }
        }
    }
}
