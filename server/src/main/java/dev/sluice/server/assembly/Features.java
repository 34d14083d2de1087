package dev.sluice.server.assembly;

import dev.sluice.server.admin.KeysResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.health.Part;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.settings.ServerSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * What the server offers beside the calls themselves, opened.
 *
 * @param resources where it is asked for under {@code /v1}
 * @param parts what {@code /health} says of it
 */
record Features(List<Resource> resources, List<Part> parts) {
    /** @param opened closes them, the latest first */
    static Features open(Backend store, ServerSettings settings, Bots bots, Metrics metrics, OpenedParts opened) {
        var resources = new ArrayList<Resource>();
        var parts = new ArrayList<Part>();
        var budgeting = opened.opened(Budgeting.open(store, settings, metrics), Budgeting::close);
        resources.add(budgeting.resource());
        parts.add(budgeting.part());
        resources.addAll(OtherWork.resources(store, settings, metrics, opened));
        var limiting = opened.opened(Limiting.start(store, settings, bots, metrics), Limiting::close);
        resources.addAll(limiting.resources());
        parts.add(limiting.part());
        var caching = opened.opened(Caching.open(store, settings, metrics), Caching::close);
        resources.addAll(caching.resources());
        resources.add(KeysResource.of(store.keys(), caching.keys()));
        parts.add(caching.part());
        var bundling = opened.opened(Bundling.open(store, settings, metrics), Bundling::close);
        resources.addAll(bundling.resources());
        parts.add(bundling.part());
        var remembering = opened.opened(Remembering.open(store, settings, metrics), Remembering::close);
        resources.add(remembering.resource());
        parts.add(remembering.part());
        for (Features more : List.of(
                Coordinating.open(store, settings, metrics, opened), UserState.open(store, settings, metrics))) {
            resources.addAll(more.resources);
            parts.addAll(more.parts);
        }
        return new Features(resources, parts);
    }
}
