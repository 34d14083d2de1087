/**
 * Caches around what language models are fed with: {@link dev.sluice.retrieval.CachedRetriever} around a search,
 * {@link dev.sluice.retrieval.CachedEmbedder} around a model that turns texts into vectors. The same text finds what it found before;
 * texts that only mean the same do not. No text stands in a key, and values are sealed.
 */
@NullMarked
package dev.sluice.retrieval;

import org.jspecify.annotations.NullMarked;
