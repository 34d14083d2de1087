package dev.sluice.server.assembly;

import dev.sluice.bundle.Bundles;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.server.admin.AsideBundlesResource;
import dev.sluice.server.admin.BundlesResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.health.BundlePart;
import dev.sluice.server.health.Part;
import dev.sluice.server.metrics.BundleMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.settings.BundlingSettings;
import dev.sluice.server.settings.ServerSettings;
import java.util.List;

/** Bursts of messages, joined: where bots bring them and take bundles, and how they are. */
record Bundling(Bundles bundles, List<Resource> resources, Part part) implements AutoCloseable {
    static Bundling open(Backend store, ServerSettings settings, Metrics metrics) {
        BundlingSettings bundling = settings.bundling();
        var shown = new BundleMetrics(metrics);
        Bundles bundles = store.bundles()
                .get()
                .settings(bundling.rules())
                .place(bundling.place())
                .onStoreFailure(withoutStore(bundling))
                .events(shown)
                .build();
        store.privacy().data().add(bundles.personalData());
        shown.show(bundles);
        return new Bundling(
                bundles,
                List.of(new BundlesResource(bundles), new AsideBundlesResource(bundles.aside())),
                new BundlePart(store.shared(), store.part(), bundling, bundles::messagesHere, bundles.aside()::count));
    }

    private static OnStoreFailure withoutStore(BundlingSettings settings) {
        return switch (settings.withoutStore()) {
            case LOCAL -> OnStoreFailure.LOCAL;
            case OPEN -> OnStoreFailure.OPEN;
            case CLOSED -> OnStoreFailure.CLOSED;
        };
    }

    @Override
    public void close() {
        bundles.close();
    }
}
