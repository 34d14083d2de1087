package dev.sluice.retrieval;

import dev.sluice.cache.Cache;
import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.Caches;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A model that is asked once for the same text, and for several texts only for those that are new. Thread-safe. */
public final class CachedEmbedder implements Embedder {
    /** Each number as a float of 32 bits, the least significant byte first. */
    static final CacheCodec<float[]> FLOATS = new CacheCodec<>() {
        @Override
        public byte[] encode(float[] vector) {
            ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            return bytes.array();
        }

        @Override
        public float[] decode(byte[] bytes) {
            if (bytes.length % Float.BYTES != 0) {
                throw new IllegalArgumentException(bytes.length + " bytes are no vector of floats");
            }
            var vector = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(vector);
            return vector;
        }
    };

    private final Cache<float[]> cache;
    private final RetrievalScope scope;
    private final Embedder embedder;

    private CachedEmbedder(Cache<float[]> cache, RetrievalScope scope, Embedder embedder) {
        this.cache = cache;
        this.scope = scope;
        this.embedder = embedder;
    }

    /**
     * A cache of vectors, for any number of scopes; one for each {@code Caches}.
     *
     * @param ttl {@link RetrievalCache#DEFAULT_TTL}, or from 1 ms to 31 days
     */
    public static Cache<float[]> cache(Caches caches, CacheMode mode, Duration ttl) {
        return caches.open(RetrievalCache.settings("embedding", mode, ttl), FLOATS);
    }

    /** @param cache from {@link #cache} */
    public static CachedEmbedder around(Embedder embedder, RetrievalScope scope, Cache<float[]> cache) {
        return new CachedEmbedder(cache, scope, embedder);
    }

    /**
     * @return vectors of the caller's own, in the order of the texts
     * @throws dev.sluice.cache.LoadFailedException if the model fails, takes longer than 30 s, or answers with too few or too many
     */
    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        var byKey = new LinkedHashMap<CacheKey, String>();
        List<CacheKey> keys = texts.stream()
                .map(text -> scope.key("embedding", List.of(text)))
                .toList();
        for (int i = 0; i < keys.size(); i++) {
            byKey.put(keys.get(i), texts.get(i));
        }
        Map<CacheKey, float[]> found = cache.getAll(byKey.keySet(), missing -> load(missing, byKey));
        return keys.stream()
                .map(key -> Objects.requireNonNull(found.get(key)).clone())
                .toList();
    }

    private Map<CacheKey, float[]> load(Collection<CacheKey> missing, Map<CacheKey, String> texts) throws Exception {
        List<CacheKey> keys = List.copyOf(missing);
        List<float[]> vectors = embedder.embed(keys.stream().map(texts::get).toList());
        if (vectors.size() != keys.size()) {
            throw new IllegalStateException("asked for " + keys.size() + " vectors, the model gave " + vectors.size());
        }
        var loaded = new LinkedHashMap<CacheKey, float[]>();
        for (int i = 0; i < keys.size(); i++) {
            loaded.put(keys.get(i), vectors.get(i).clone());
        }
        return loaded;
    }
}
