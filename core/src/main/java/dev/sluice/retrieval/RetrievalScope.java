package dev.sluice.retrieval;

import dev.sluice.cache.CacheKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What results are valid for: nothing is shared between two scopes that differ in anything.
 *
 * @param tenant whose documents they are
 * @param model which made the vectors
 * @param version of the prompt, the documents, or whatever else makes old results wrong once it changes
 */
public record RetrievalScope(String tenant, String model, String version) {
    public RetrievalScope {
        if (tenant.isBlank() || model.isBlank() || version.isBlank()) {
            throw new IllegalArgumentException("tenant, model and version of a retrieval must not be blank");
        }
    }

    CacheKey key(String kind, Collection<String> texts) {
        var all = new ArrayList<>(List.of(kind, tenant, model, version));
        all.addAll(texts);
        return CacheKey.ofTexts(all.toArray(String[]::new));
    }
}
