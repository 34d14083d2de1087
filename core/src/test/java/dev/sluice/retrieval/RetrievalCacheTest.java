package dev.sluice.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.Caches;
import dev.sluice.cache.LoadFailedException;
import dev.sluice.encryption.KeyRing;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On Redis, in memory, and without any cache: what is found is the same, what is asked for is not. */
class RetrievalCacheTest {
    private static final RetrievalScope SCOPE = new RetrievalScope("acme", "small-3", "prompt-7");
    private static final Map<String, String> TOP_THREE = Map.of("top_k", "3", "lang", "en");

    private final RedisStore store =
            RedisStore.connect(RedisFixture.patient(RedisFixture.shared().uri()), RedisEvents.NONE);
    private final Caches caches = Caches.onRedis(store, store, KeySpace.DEFAULT, KeyRing.random());
    private final List<String> asked = new ArrayList<>();

    @BeforeEach
    void empty() {
        RedisFixture.shared().flush();
    }

    @AfterEach
    void close() {
        caches.close();
        store.close();
    }

    @ParameterizedTest
    @EnumSource
    void the_same_text_with_the_same_parameters_in_the_same_scope_is_searched_once(CacheMode mode) throws Exception {
        var cache = CachedRetriever.cache(caches, mode, RetrievalCache.DEFAULT_TTL, CacheCodec.TEXT);
        Retriever<String> search = (text, parameters) -> {
            asked.add(text);
            return "found by " + text + parameters.get("top_k");
        };
        var retriever = CachedRetriever.around(search, SCOPE, cache);
        for (int i = 0; i < 2; i++) {
            assertThat(retriever.retrieve("where is my order", TOP_THREE)).isEqualTo("found by where is my order3");
        }
        for (var order : List.of(List.of("top_k", "lang"), List.of("lang", "top_k"))) {
            var ordered = new LinkedHashMap<String, String>();
            order.forEach(name -> ordered.put(name, TOP_THREE.getOrDefault(name, "")));
            retriever.retrieve("where is my order", ordered);
        }
        assertThat(asked).hasSize(mode == CacheMode.OFF ? 4 : 1);
        asked.clear();
        retriever.retrieve("Where is my order", TOP_THREE);
        retriever.retrieve("where is my order", Map.of("top_k", "3"));
        for (var other : List.of(
                new RetrievalScope("other", "small-3", "prompt-7"),
                new RetrievalScope("acme", "large-3", "prompt-7"),
                new RetrievalScope("acme", "small-3", "prompt-8"))) {
            CachedRetriever.around(search, other, cache).retrieve("where is my order", TOP_THREE);
        }
        assertThat(asked).hasSize(5);
    }

    @ParameterizedTest
    @EnumSource
    void of_several_texts_the_model_is_asked_for_those_that_are_new(CacheMode mode) throws Exception {
        var cache = CachedEmbedder.cache(caches, mode, RetrievalCache.DEFAULT_TTL);
        var embedder = CachedEmbedder.around(this::vectors, SCOPE, cache);
        embedder.embed(List.of("a", "bb")).getFirst()[0] = 99;
        asked.clear();

        List<float[]> vectors = embedder.embed(List.of("bb", "ccc", "a", "bb"));
        assertThat(vectors).containsExactly(vector("bb"), vector("ccc"), vector("a"), vector("bb"));
        if (mode == CacheMode.OFF) {
            assertThat(asked).containsExactlyInAnyOrder("a", "bb", "ccc");
        } else {
            assertThat(asked).containsExactly("ccc");
        }
        assertThat(embedder.embed(List.of())).isEmpty();
    }

    @Test
    void neither_texts_nor_what_is_found_can_be_read_in_redis() throws Exception {
        var cache = CachedRetriever.cache(caches, CacheMode.REDIS, RetrievalCache.DEFAULT_TTL, CacheCodec.TEXT);
        CachedRetriever.around((text, parameters) -> "the answer", SCOPE, cache).retrieve("private", TOP_THREE);
        var embeddings = CachedEmbedder.cache(caches, CacheMode.REDIS, RetrievalCache.DEFAULT_TTL);
        CachedEmbedder.around(this::vectors, SCOPE, embeddings).embed(List.of("private"));

        var commands = RedisFixture.shared().commands();
        List<String> keys = commands.keys("sluice:rag_cache:*");
        assertThat(keys).hasSizeGreaterThanOrEqualTo(2).allSatisfy(key -> {
            assertThat(key).doesNotContain("private");
            assertThat(commands.pttl(key)).isPositive();
            assertThat(new String(commands.get(key), StandardCharsets.ISO_8859_1))
                    .doesNotContain("private")
                    .doesNotContain("answer");
        });
    }

    @Test
    void a_model_that_answers_with_too_few_is_told() {
        var cache = CachedEmbedder.cache(caches, CacheMode.LOCAL, RetrievalCache.DEFAULT_TTL);
        var embedder = CachedEmbedder.around(texts -> List.of(), SCOPE, cache);
        assertThatExceptionOfType(LoadFailedException.class)
                .isThrownBy(() -> embedder.embed(List.of("a")))
                .withRootCauseInstanceOf(IllegalStateException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> new RetrievalScope("acme", " ", "1"));
    }

    @Test
    void vectors_are_kept_as_little_endian_floats() {
        assertThat(CachedEmbedder.FLOATS.encode(new float[] {1, -2.5f}))
                .containsExactly(0, 0, (byte) 0x80, 0x3f, 0, 0, 0x20, (byte) 0xc0);
        assertThat(CachedEmbedder.FLOATS.decode(CachedEmbedder.FLOATS.encode(new float[] {1, -2.5f})))
                .containsExactly(1, -2.5f);
        assertThatIllegalArgumentException().isThrownBy(() -> CachedEmbedder.FLOATS.decode(new byte[3]));
    }

    private List<float[]> vectors(List<String> texts) {
        asked.addAll(texts);
        return texts.stream().map(RetrievalCacheTest::vector).toList();
    }

    private static float[] vector(String text) {
        return new float[] {text.length(), 0.5f};
    }
}
