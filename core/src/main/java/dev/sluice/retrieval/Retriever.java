package dev.sluice.retrieval;

import java.util.Map;

/**
 * Searches documents, such as a vector database does.
 *
 * @param <R> of what is found
 */
@FunctionalInterface
public interface Retriever<R> {

    /** @param parameters all that has a part in what is found, such as how many at most */
    R retrieve(String text, Map<String, String> parameters) throws Exception;
}
