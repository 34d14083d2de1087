package dev.sluice.server.admin;

import dev.sluice.server.admin.Problem.Violation;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** A request of the form that its operation describes. Immutable but for the body of one that streams. */
final class AdminRequest {
    private final Map<Parameter<?>, Object> values;
    private final JsonNode body;
    private final String accept;
    private final InputStream stream;
    private final CompletableFuture<Void> gone;

    private AdminRequest(
            Map<Parameter<?>, Object> values,
            JsonNode body,
            String accept,
            InputStream stream,
            CompletableFuture<Void> gone) {
        this.values = values;
        this.body = body;
        this.accept = accept;
        this.stream = stream;
        this.gone = gone;
    }

    /**
     * Checks a request against its operation.
     *
     * @param path the path's variables as they were sent
     * @param query the query as it was sent, null if there is none
     * @throws Problem.Refusal with all that is wrong
     */
    static AdminRequest of(
            Operation operation, Map<String, String> path, @Nullable String query, String accept, byte[] content) {
        Map<String, List<Optional<String>>> queried = PercentEncoded.query(query);
        var found = new ArrayList<Violation>();
        var values = new HashMap<Parameter<?>, Object>();
        for (Parameter<?> parameter : operation.parameters()) {
            List<Optional<String>> given = List.of();
            if (parameter.in() == Parameter.In.QUERY) {
                given = queried.getOrDefault(parameter.name(), List.of());
            } else if (path.containsKey(parameter.name())) {
                given = List.of(PercentEncoded.segment(path.get(parameter.name())));
            }
            value(parameter, given, found).ifPresent(value -> values.put(parameter, value));
        }
        // Prometheus and probes send what they like; a slip in a list's query would list the wrong things.
        if (operation.path().startsWith("/v1/")) {
            List<String> known = operation.parameters().stream()
                    .filter(parameter -> parameter.in() == Parameter.In.QUERY)
                    .map(Parameter::name)
                    .toList();
            if (!known.containsAll(queried.keySet())) {
                found.add(new Violation(
                        "query",
                        known.isEmpty() ? "nothing is accepted here" : "known are " + String.join(", ", known)));
            }
        }
        JsonNode body = operation.body().isPresent() ? AdminJson.read(content) : MissingNode.getInstance();
        operation.body().ifPresent(shape -> shape.check(body, "", found));
        if (!found.isEmpty()) {
            throw Problem.malformed(found).asRefusal();
        }
        return new AdminRequest(
                Map.copyOf(values), body, accept, InputStream.nullInputStream(), new CompletableFuture<>());
    }

    /** A parameter that the operation has. */
    <T> T get(Parameter<T> parameter) {
        // Nothing but the parameter's own parser or its own fallback puts a value under it.
        @SuppressWarnings("unchecked")
        T value = (T) values.get(parameter);
        if (value == null) {
            throw new IllegalArgumentException("the operation has no parameter " + parameter.name());
        }
        return value;
    }

    /** The body, of the shape that the operation takes. */
    JsonNode body() {
        return body;
    }

    /** The same with a body that is read as it comes. */
    AdminRequest with(InputStream newStream) {
        return new AdminRequest(values, body, accept, newStream, gone);
    }

    /** The same from a caller whose leaving completes {@code newGone}. */
    AdminRequest leaving(CompletableFuture<Void> newGone) {
        return new AdminRequest(values, body, accept, stream, newGone);
    }

    /** Completes when the caller closes its connection before it was answered. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    /** The body of an operation that streams. */
    InputStream stream() {
        return stream;
    }

    /** Whether the caller asked for this media type by name. */
    boolean accepts(String mediaType) {
        return accept.contains(mediaType);
    }

    private static <T> Optional<T> value(Parameter<T> parameter, List<Optional<String>> given, List<Violation> found) {
        if (given.isEmpty()) {
            if (parameter.fallback().isEmpty()) {
                found.add(new Violation(parameter.name(), "is missing"));
            }
            return parameter.fallback();
        }
        if (given.size() > 1) {
            found.add(new Violation(parameter.name(), "is there more than once"));
            return Optional.empty();
        }
        if (given.getFirst().isEmpty()) {
            found.add(new Violation(parameter.name(), "must be percent-encoded UTF-8"));
            return Optional.empty();
        }
        try {
            return Optional.of(parameter.parser().apply(given.getFirst().get()));
        } catch (IllegalArgumentException e) {
            found.add(new Violation(parameter.name(), "must be " + parameter.accepts()));
            return Optional.empty();
        }
    }
}
