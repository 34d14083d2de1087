package dev.sluice.retrieval;

import java.util.List;

/** Turns texts into vectors. */
@FunctionalInterface
public interface Embedder {

    /** @return as many vectors, in the order of the texts */
    List<float[]> embed(List<String> texts) throws Exception;
}
